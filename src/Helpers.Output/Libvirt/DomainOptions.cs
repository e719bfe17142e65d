using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Outputs;

namespace Hyper2Kvm.Helpers.Output.Libvirt;

/// <summary>What a caller may say about the domain with <c>-oo</c>.</summary>
internal static class DomainOptions
{
    /// <summary>Key for the kind of virtualisation.</summary>
    public const string VirtType = "virt-type";

    /// <summary>What it means.</summary>
    public const string VirtTypeMeaning = "kvm, qemu (emulation, where the host has no KVM) or auto (default)";

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
