using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Tests.Documents;
using Hyper2Kvm.Daemon.Control;
using Hyper2Kvm.Daemon.Control.Answers;
using Hyper2Kvm.Daemon.Control.Commands;
using Hyper2Kvm.Daemon.Control.Http;
using Hyper2Kvm.Daemon.Tests.Control.Support;

namespace Hyper2Kvm.Daemon.Tests.Control;

/// <summary>Holds the page of the API, its JSON Schema and its OpenAPI document to the code. With UPDATE_DOCS=1 it writes them.</summary>
public sealed class DocumentTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task The_page_shows_every_command_with_the_answer_that_it_gives()
    {
        await using var control = new RunningControl();
        var text = new StringBuilder();
        foreach (var command in ControlCommands.All)
        {
            var request = Example(command);
            var answer = Stable(JsonNode.Parse(await control.AskAsync(request))!);
            var takes = command.Takes.Count == 0 ? "nothing" : string.Join(", ", command.Takes.Select(field => field.EndsWith('!') ? $"`{field[..^1]}`" : $"`{field}` (optional)"));
            text.Append($"\n### {command.Name}\n\n{command.Meaning} Takes {takes}. Over HTTP: `{command.Method} {command.Path}`.\n\n```json\n{request}\n```\n```json\n{answer.ToJsonString(Indented)}\n```\n");
        }

        text.Append('\n');
        Hold("docs/daemon-control.md", page => Between(page, "commands", text.ToString()));
    }

    [Fact]
    public void The_page_lists_every_error()
    {
        var text = new StringBuilder("\n| code | HTTP | what happened | what to do |\n| --- | --- | --- | --- |\n");
        foreach (var error in ControlError.All)
        {
            text.Append($"| `{error.Name}` | {error.HttpStatus} | {error.Meaning} | {error.Hint} |\n");
        }

        text.Append('\n');
        Hold("docs/daemon-control.md", page => Between(page, "errors", text.ToString()));
        ControlError.All.Should().BeEquivalentTo(typeof(ControlError).GetFields().Where(field => field.IsStatic).Select(field => field.GetValue(null)));
    }

    [Fact]
    public void The_JSON_Schema_is_the_one_of_the_code()
    {
        var document = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "control.json",
            ["description"] = "Requests and answers of the daemon's control socket, and bodies of its HTTP API; see docs/daemon-control.md.",
            ["$defs"] = Schemas([typeof(ControlRequest), .. Answers, typeof(ErrorAnswer)]),
        };
        Hold("docs/schema/control.json", _ => document.ToJsonString(Indented) + "\n");
    }

    [Fact]
    public void The_OpenAPI_document_has_every_route()
        => Hold("docs/schema/openapi.json", _ => OpenApi.Document(ControlCommands.All, Schemas([.. Answers, typeof(ErrorAnswer)])).ToJsonString(Indented) + "\n");

    [Fact]
    public async Task The_OpenAPI_document_that_is_served_is_the_one_of_the_repository()
    {
        await using var control = new RunningControl();
        using var http = HttpCaller.On(control.HttpPath);

        var (status, body) = await http.CallAsync("GET", HttpApi.DocumentPath);

        status.Should().Be(200);
        body.Should().Be(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs/schema/openapi.json")));
    }

    [Fact]
    public async Task Every_path_of_the_OpenAPI_document_is_answered()
    {
        await using var control = new RunningControl();
        using var http = HttpCaller.On(control.HttpPath);
        var paths = JsonNode.Parse(await http.GetStringAsync(HttpApi.DocumentPath))!["paths"]!.AsObject();

        foreach (var (path, methods) in paths)
        {
            foreach (var (method, _) in methods!.AsObject())
            {
                var id = path.EndsWith("/cancel", StringComparison.Ordinal) ? "web03" : "db01";
                (await http.CallAsync(method.ToUpperInvariant(), path.Replace("{id}", id))).Status.Should().Be(200, path);
            }
        }

        paths.Count.Should().Be(ControlCommands.All.Count + 3);
    }

    private static IEnumerable<Type> Answers => ControlCommands.All.Select(command => command.Answer).Distinct();

    private static string Example(ControlCommand command)
    {
        var id = command.Name switch { "cancel" => "web03", "progress" => "web02", _ => "db01" };
        var more = command.Name switch { "jobs" => ",\"state\":\"failed\",\"limit\":10", "logs" => ",\"id\":\"db01\",\"lines\":2", _ => string.Empty };
        return $"{{\"command\":\"{command.Name}\"{(command.Takes.Contains("id!") ? $",\"id\":\"{id}\"" : string.Empty)}{more}}}";
    }

    private static JsonNode Stable(JsonNode answer)
    {
        if (answer["pid"] is not null)
        {
            (answer["pid"], answer["version"]) = (4711, "0.1.0");
        }

        return answer;
    }

    private static JsonObject Schemas(IEnumerable<Type> types)
    {
        var descriptions = new XmlDescriptions(typeof(ControlRequest).Assembly);
        return new JsonObject(types.Select(type => KeyValuePair.Create<string, JsonNode?>(type.Name, descriptions.Schema(ControlContext.Default.GetTypeInfo(type)!))));
    }

    private static string Between(string page, string name, string text)
        => Regex.Replace(page, $"(?s)(<!-- {name} -->\n).*?(<!-- /{name} -->)", match => match.Groups[1].Value + text + match.Groups[2].Value);

    private static void Hold(string name, Func<string, string> make)
    {
        lock (Indented)
        {
            var path = Path.Combine(RepositoryRoot.Path, name);
            var there = File.Exists(path) ? File.ReadAllText(path) : string.Empty;
            var made = make(there);
            if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            {
                File.WriteAllText(path, made);
            }

            File.ReadAllText(path).Should().Be(made, $"{name} is made from the code: UPDATE_DOCS=1 scripts/test Daemon.Tests");
        }
    }
}
