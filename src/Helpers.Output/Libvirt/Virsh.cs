using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Helpers.Output.Libvirt;

/// <summary>A libvirt of this host, by its own command line tool (virsh(1)).</summary>
/// <remarks>
/// Domains are looked for in lists and named by UUID: virsh takes a name that looks like a number for the id of a running domain.
/// </remarks>
internal sealed class Virsh
{
    /// <summary>Where libvirt is when nothing else is said.</summary>
    public const string DefaultUri = "qemu:///system";

    private readonly CancellationToken _cancel;

    /// <summary>Names a connection; does not open it.</summary>
    /// <param name="uri">Connection URI (libvirt.org/uri.html).</param>
    /// <param name="cancel">Ends a running virsh.</param>
    /// <exception cref="StepException">It is not of this host (<see cref="ErrorCodes.OutputLibvirt"/>).</exception>
    public Virsh(string uri, CancellationToken cancel = default)
    {
        if (!System.Uri.TryCreate(uri, UriKind.Absolute, out var parsed) || parsed.Host.Length > 0)
        {
            throw new StepException(
                ErrorCodes.OutputLibvirt,
                $"-oc {uri} does not name a libvirt of this host",
                "The disks are written into the pool's directory, so libvirt must run here: qemu:///system or qemu:///session. Run hyper2kvm on that host.");
        }

        Uri = uri;
        _cancel = cancel;
    }

    /// <summary>The connection.</summary>
    public string Uri { get; }

    /// <summary>Names of all domains.</summary>
    public IReadOnlySet<string> DomainNames() => Lines("list", "--all", "--name").ToHashSet(StringComparer.Ordinal);

    /// <summary>UUIDs of all domains.</summary>
    public IReadOnlySet<Guid> DomainUuids() => Lines("list", "--all", "--uuid").Select(Guid.Parse).ToHashSet();

    /// <summary>Names of all storage pools.</summary>
    /// <param name="activeOnly">Only those that are started.</param>
    public IReadOnlyList<string> Pools(bool activeOnly) => activeOnly ? Lines("pool-list", "--name") : Lines("pool-list", "--all", "--name");

    /// <summary>A pool's XML (libvirt.org/formatstorage.html).</summary>
    /// <param name="pool">Its name.</param>
    public string PoolXml(string pool) => Run(ErrorCodes.OutputLibvirt, "pool-dumpxml", $"--pool={pool}").OutputText;

    /// <summary>Makes a pool look at its directory again.</summary>
    /// <param name="pool">Its name.</param>
    public void RefreshPool(string pool) => Run(ErrorCodes.OutputLibvirt, "pool-refresh", $"--pool={pool}");

    /// <summary>What the host can give a kind of guest (https://libvirt.org/formatdomaincaps.html).</summary>
    /// <param name="virtType"><c>kvm</c> or <c>qemu</c>.</param>
    /// <param name="architecture">Architecture.</param>
    /// <param name="machine">Machine type.</param>
    /// <param name="answer">The XML; or what libvirt says against it.</param>
    /// <returns>Whether it can run such a guest at all.</returns>
    public bool TryCapabilities(string virtType, string architecture, string machine, out string answer)
    {
        var result = CommandRunner.Run(Command("domcapabilities", $"--virttype={virtType}", $"--arch={architecture}", $"--machine={machine}"), _cancel);
        answer = result.Succeeded ? result.OutputText : MessageOf(result);
        return result.Succeeded;
    }

    /// <summary>Defines a domain; libvirt checks the XML with its schema.</summary>
    /// <param name="file">File with its XML.</param>
    /// <param name="domain">Its name, for messages.</param>
    /// <exception cref="StepException">libvirt refused (<see cref="ErrorCodes.FinalLibvirt"/>).</exception>
    public void Define(string file, string domain)
    {
        var result = CommandRunner.Run(Command("define", "--validate", $"--file={file}"), _cancel);
        if (!result.Succeeded)
        {
            throw new StepException(ErrorCodes.FinalLibvirt, $"libvirt at {Uri} did not accept the domain '{domain}': {MessageOf(result)}", $"The XML is in {file}; the disks were removed again.");
        }
    }

    /// <summary>Removes the definition of a domain, with its UEFI variables.</summary>
    /// <param name="uuid">Its UUID.</param>
    public void Undefine(Guid uuid) => Run(ErrorCodes.OutputLibvirt, "undefine", $"--domain={uuid}", "--nvram");

    /// <summary>What libvirt says, without the lines that only say that something failed.</summary>
    private static string MessageOf(CommandResult result)
        => result.LastError is var line && line.StartsWith("error: ", StringComparison.Ordinal) ? line["error: ".Length..] : line;

    private IReadOnlyList<string> Lines(params string[] arguments)
        => Run(ErrorCodes.OutputLibvirt, arguments).OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private CommandResult Run(ErrorCode code, params string[] arguments)
    {
        var result = CommandRunner.Run(Command(arguments), _cancel);
        return result.Succeeded ? result : throw new StepException(code, $"libvirt at {Uri} ({arguments[0]}): {MessageOf(result)}");
    }

    private Command Command(params string[] arguments)
        => new("virsh", ["--quiet", $"--connect={Uri}", .. arguments]) { Environment = new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8" } };
}
