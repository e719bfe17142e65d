using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Hyper2Kvm.Daemon.Configuration;

/// <summary>What jobs are to do, written in YAML with the names of <c>job.json</c>: the daemon's section <c>job</c>, and the side file <c>NAME.job.yaml</c> of one guest.</summary>
internal static class JobTemplate
{
    private const long LargestBytes = 1024 * 1024;

    /// <summary>What a guest is called, where nobody says: replaced by its own before the job is written.</summary>
    private static readonly string[] OfTheDaemon = ["schema", "id", "created"];

    /// <summary>Reads the section of a configuration.</summary>
    /// <param name="file">The configuration, for messages.</param>
    /// <param name="node">The section, or <see langword="null"/>.</param>
    /// <exception cref="StepException">It is no job (<see cref="ErrorCodes.Configuration"/>).</exception>
    public static Job Read(string file, YamlNode? node) => Parse(file, node, new JsonObject());

    /// <summary>Reads the side file of a guest, on top of what the configuration says.</summary>
    /// <param name="path">The file.</param>
    /// <param name="common">The configuration's job.</param>
    /// <exception cref="StepException">It cannot be read, or is no job (<see cref="ErrorCodes.Configuration"/>).</exception>
    public static Job ReadSideFile(string path, Job common)
    {
        try
        {
            if (new FileInfo(path).Length > LargestBytes)
            {
                throw new StepException(ErrorCodes.Configuration, $"{path} has more than {LargestBytes} bytes: that is no side file");
            }

            using var reader = new StreamReader(path);
            var stream = new YamlStream();
            stream.Load(reader);
            var ground = JsonSerializer.SerializeToNode(common, DocumentContext.Default.Job)!.AsObject();
            return Parse(path, stream.Documents.FirstOrDefault()?.RootNode, ground);
        }
        catch (YamlException broken)
        {
            throw new StepException(ErrorCodes.Configuration, $"{path}, line {broken.Start.Line}: {broken.Message}", inner: broken);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new StepException(ErrorCodes.Configuration, $"{path} cannot be read: {unreadable.Message}", inner: unreadable);
        }
    }

    private static Job Parse(string file, YamlNode? node, JsonObject ground)
    {
        if (node is not (null or YamlMappingNode or YamlScalarNode { Value: null or "" }))
        {
            throw new StepException(ErrorCodes.Configuration, $"{file}, line {node.Start.Line}: 'job' is not a mapping", "See docs/examples/daemon.yaml.");
        }

        if (node is YamlMappingNode mapping)
        {
            if (mapping.Children.Keys.FirstOrDefault(key => OfTheDaemon.Contains((key as YamlScalarNode)?.Value)) is { } own)
            {
                throw new StepException(ErrorCodes.Configuration, $"{file}, line {own.Start.Line}: '{own}' is the daemon's to say", "Take it out.");
            }

            Merge(ground, (JsonObject)Convert(mapping));
        }

        ground["schema"] = Job.SchemaName;
        ground["id"] = string.Empty;
        try
        {
            return ground.Deserialize(DocumentContext.Default.Job)!;
        }
        catch (JsonException wrong)
        {
            throw new StepException(
                ErrorCodes.Configuration,
                $"{file}, line {LineOf(node, wrong.Path)}: job{wrong.Path?.TrimStart('$')}: {wrong.Message.Split(" Path:")[0]}",
                "The names are those of docs/schema/job.json.",
                wrong);
        }
    }

    /// <summary>What is said later replaces what was said before; mappings are merged key by key.</summary>
    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (key, value) in from)
        {
            if (value is JsonObject inner && into[key] is JsonObject outer)
            {
                Merge(outer, inner);
            }
            else
            {
                into[key] = value?.DeepClone();
            }
        }
    }

    private static JsonNode Convert(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(entry => KeyValuePair.Create(entry.Key.ToString(), (JsonNode?)Convert(entry.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" } => JsonValue.Create(true),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "false" } => JsonValue.Create(false),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: { } number } when long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        var text => JsonValue.Create(((YamlScalarNode)text).Value ?? string.Empty),
    };

    /// <summary>Line of what a JSON path names, as far as it can be followed.</summary>
    private static long LineOf(YamlNode? node, string? path)
    {
        var at = node;
        foreach (var name in (path ?? string.Empty).Split('.', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            if (at is not YamlMappingNode mapping || !mapping.Children.TryGetValue(new YamlScalarNode(name), out var next))
            {
                break;
            }

            at = next;
        }

        return at?.Start.Line ?? 1;
    }
}
