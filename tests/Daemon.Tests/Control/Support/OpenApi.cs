using System.Text.Json.Nodes;
using Hyper2Kvm.Daemon.Control.Answers;
using Hyper2Kvm.Daemon.Control.Commands;
using Hyper2Kvm.Daemon.Control.Http;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Tests.Control.Support;

/// <summary>The OpenAPI 3.1 document of the commands; its schemas are JSON Schema 2020-12, as they are.</summary>
internal static class OpenApi
{
    private const string Json = "application/json";

    public static JsonObject Document(IReadOnlyList<ControlCommand> commands, JsonObject schemas)
    {
        var paths = new JsonObject();
        foreach (var command in commands)
        {
            Add(paths, command.Path, command);
        }

        var logs = commands.Single(command => command.Name == "logs");
        Add(paths, "/v1/jobs/{id}/logs", logs with { Name = "job-logs", Takes = ["id!", "lines"] });
        paths[HttpApi.MetricsPath] = Plain("metrics", "Gives the metrics, for Prometheus.", "text/plain");
        paths[HttpApi.DocumentPath] = Plain("openapi", "Gives this document.", Json);
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject { ["title"] = "hyper2kvm daemon", ["version"] = "1", ["description"] = "On a Unix socket (OUTPUT/.daemon/http.sock), and where configured on a loopback address with a bearer token. See docs/daemon-control.md." },
            ["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }, new JsonObject()),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["securitySchemes"] = new JsonObject { ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "On the loopback address only." } },
            },
        };
    }

    private static void Add(JsonObject paths, string path, ControlCommand command)
    {
        var operation = new JsonObject { ["operationId"] = command.Name, ["summary"] = command.Meaning };
        if (command.Takes.Count > 0)
        {
            operation["parameters"] = new JsonArray([.. command.Takes.Select(field => Parameter(path, field.TrimEnd('!')))]);
        }

        var responses = new JsonObject { ["200"] = Body("Done.", command.Answer.Name) };
        if (command.Name == "health")
        {
            responses["503"] = Body("The daemon is stalled.", command.Answer.Name);
        }

        responses["default"] = Body("Refused or failed.", "ErrorAnswer");
        operation["responses"] = responses;
        paths[path] = new JsonObject { [command.Method.ToLowerInvariant()] = operation };
    }

    private static JsonObject Parameter(string path, string field)
    {
        var inPath = path.Contains($"{{{field}}}", StringComparison.Ordinal);
        return new JsonObject
        {
            ["name"] = field,
            ["in"] = inPath ? "path" : "query",
            ["required"] = inPath,
            ["schema"] = field switch
            {
                "limit" => Number(JobCommands.MostJobs),
                "lines" => Number(JobCommands.MostLines),
                "state" => new JsonObject { ["enum"] = new JsonArray([.. Enum.GetValues<JobState>().Select(state => JsonValue.Create(JobDocument.Word(state)))]) },
                _ => new JsonObject { ["type"] = "string" },
            },
        };
    }

    private static JsonObject Number(int most) => new() { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = most, ["default"] = 100 };

    private static JsonObject Body(string description, string schema) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject { [Json] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" } } },
    };

    private static JsonObject Plain(string name, string summary, string type) => new()
    {
        ["get"] = new JsonObject
        {
            ["operationId"] = name,
            ["summary"] = summary,
            ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "Done.", ["content"] = new JsonObject { [type] = new JsonObject() } } },
        },
    };
}
