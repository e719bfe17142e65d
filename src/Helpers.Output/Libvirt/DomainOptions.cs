using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Outputs;

namespace Hyper2Kvm.Helpers.Output.Libvirt;

/// <summary>What a caller may say about the domain with <c>-oo</c>.</summary>
internal static class DomainOptions
{
    /// <summary>Key for the kind of virtualisation.</summary>
    public const string VirtType = "virt-type";

    /// <summary>Key for the TPM.</summary>
    public const string Tpm = "tpm";

    /// <summary>The keys of a domain, added to those of its disks.</summary>
    /// <param name="disks">Keys of the disks.</param>
    public static IReadOnlyDictionary<string, string> AddTo(IReadOnlyDictionary<string, string> disks)
        => new Dictionary<string, string>(disks, StringComparer.Ordinal)
        {
            [VirtType] = "kvm, qemu (emulation, where the host has no KVM) or auto (default)",
            [Tpm] = "none leaves the guest's TPM out; keep (default)",
        };

    /// <summary>The guest as the options want it.</summary>
    /// <param name="run">The run.</param>
    /// <exception cref="StepException">Another word (<see cref="ErrorCodes.Usage"/>).</exception>
    public static TargetMetadata GuestOf(OutputRun run)
        => run.Option(Tpm) switch
        {
            null or "keep" => run.Guest,
            "none" => run.Guest with { Tpm = null },
            var other => throw new StepException(ErrorCodes.Usage, $"-oo {Tpm}={other} is unknown", "Use keep or none."),
        };

    /// <summary><c>kvm</c>, <c>qemu</c> or <c>auto</c>.</summary>
    /// <param name="run">The run.</param>
    /// <exception cref="StepException">Another word (<see cref="ErrorCodes.Usage"/>).</exception>
    public static string VirtTypeOf(OutputRun run)
        => run.Option(VirtType) switch
        {
            null => "auto",
            "kvm" or "qemu" or "auto" => run.Option(VirtType)!,
            var other => throw new StepException(ErrorCodes.Usage, $"-oo {VirtType}={other} is unknown", "Use kvm, qemu or auto."),
        };
}
