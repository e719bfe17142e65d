using System.Text.Json.Nodes;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>A block node of QEMU: a format driver over a local file, over its backing node where it has one.</summary>
/// <param name="Driver">Format driver.</param>
/// <param name="File">Real path of the file.</param>
internal sealed record QemuNode(string Driver, string File)
{
    /// <summary>The node below, which is read where this one holds nothing.</summary>
    public QemuNode? Backing { get; init; }

    /// <summary>Whether the format knows backing files: then QEMU is told that there is none, or it would follow the name in the header.</summary>
    public bool CanHaveBacking { get; init; }

    /// <summary>Further options of the driver.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>The node as a file name for QEMU's tools.</summary>
    /// <remarks>The pseudo-protocol <c>json:</c> (qemu(1), "Device URL Syntax") names driver and file apart, so that no comma, colon or newline in a name means anything.</remarks>
    public string ToFileName() => "json:" + ToJson().ToJsonString();

    private JsonObject ToJson()
    {
        var node = new JsonObject
        {
            ["driver"] = Driver,
            ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = File },
        };
        foreach (var (name, value) in Options)
        {
            node[name] = value;
        }

        if (CanHaveBacking)
        {
            node["backing"] = Backing?.ToJson();
        }

        return node;
    }
}
