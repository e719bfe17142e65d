using System.CommandLine;

namespace Hyper2Kvm.Core.Programs;

/// <summary><c>--rebuild-initramfs</c>: who puts the drivers into an initramfs.</summary>
public static class RebuildOption
{
    /// <summary>Where nothing else is said.</summary>
    public const string Default = "edit";

    /// <summary>Makes the option.</summary>
    public static Option<string?> Create()
    {
        var option = new Option<string?>("--rebuild-initramfs") { Description = "How drivers come into a Linux initramfs: edit (default: its archive is edited) or guest (the guest's own tool is run, in a sandbox).", HelpName = "edit|guest" };
        option.AcceptOnlyFromAmong(Default, "guest");
        return option;
    }
}
