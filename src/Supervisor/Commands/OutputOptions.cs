using System.CommandLine;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary>Options that say where a guest goes, named as virt-v2v's users know them.</summary>
internal sealed class OutputOptions
{
    private readonly Option<string> _type = new("-o", "--output") { Description = "Output type: local, libvirt, qemu, null.", HelpName = "TYPE", DefaultValueFactory = _ => "local" };
    private readonly Option<string?> _format = new("-of", "--output-format") { Description = "Disk format on the target: raw (default) or qcow2.", HelpName = "FORMAT" };
    private readonly Option<string> _allocation = new("-oa", "--output-allocation") { Description = "sparse or preallocated.", HelpName = "MODE", DefaultValueFactory = _ => "sparse" };
    private readonly Option<string?> _storage = new("-os", "--output-storage") { Description = "Directory, or libvirt storage pool.", HelpName = "PLACE" };
    private readonly Option<string?> _connection = new("-oc", "--output-connection") { Description = "libvirt connection.", HelpName = "URI" };
    private readonly Option<string[]> _options = new("-oo", "--output-option") { Description = "Option of the output type.", HelpName = "KEY[=VALUE]" };
    private readonly Option<string?> _network = new("-n", "--network") { Description = "Network for cards whose source names none.", HelpName = "NAME" };
    private readonly Option<string?> _bridge = new("-b", "--bridge") { Description = "Bridge for cards whose source names none.", HelpName = "NAME" };

    /// <summary>Name of the guest on the target.</summary>
    public Option<string?> Name { get; } = new("-on", "--output-name") { Description = "Name of the guest on the target.", HelpName = "NAME" };

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        _type.AcceptOnlyFromAmong([.. ExecPath.Types("output")]);
        _format.AcceptOnlyFromAmong("raw", "qcow2");
        _allocation.AcceptOnlyFromAmong("sparse", "preallocated");
        foreach (var option in new Option[] { _type, _format, _allocation, _storage, _connection, Name, _options, _network, _bridge })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What they say.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <exception cref="StepException">They contradict each other (<see cref="ErrorCodes.Usage"/>).</exception>
    public JobOutput Read(ParseResult parsed)
    {
        var type = parsed.GetValue(_type)!;
        var storage = parsed.GetValue(_storage);
        var (network, bridge) = (parsed.GetValue(_network), parsed.GetValue(_bridge));
        if (network is not null && bridge is not null)
        {
            throw new StepException(ErrorCodes.Usage, "--network and --bridge exclude each other", "A card without a network of its own goes to one place.");
        }

        return new JobOutput
        {
            Type = type,
            Format = parsed.GetValue(_format),
            Allocation = parsed.GetValue(_allocation)!,
            Storage = type is "local" or "qemu" && storage is not null ? Path.GetFullPath(storage) : storage,
            Connection = parsed.GetValue(_connection),
            DefaultNetwork = network is not null ? $"network:{network}" : bridge is not null ? $"bridge:{bridge}" : null,
            Options = KeyValues.Read("-oo", parsed.GetValue(_options), alone: "true"),
        };
    }
}
