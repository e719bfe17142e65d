using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Settings from which the guest's next own update-grub makes its menu: they must not bring device names back.</summary>
internal sealed partial class GrubDefaultsStep : IConversionStep
{
    /// <summary>What stands in front of a setting that we took out of service.</summary>
    private const string Disabled = "# hyper2kvm: device names change with the disk controller, UUIDs do not. Was: ";

    /// <inheritdoc/>
    public string Concern => "grub-defaults";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var files = guest.Files.List($"{Grub2.DefaultsPath}.d")
            .Where(name => name.EndsWith(".cfg", StringComparison.Ordinal))
            .Select(name => $"{Grub2.DefaultsPath}.d/{name}")
            .Prepend(Grub2.DefaultsPath);
        foreach (var path in files)
        {
            if (guest.Files.ReadText(path) is { } text)
            {
                var devices = new DeviceRewriter(guest.Names, path, plan);
                plan.Edit(GuestText.Rewrite(path, "the guest's next update-grub keeps names that do not depend on the disk controller", text, before => TextLines.Map(before, line => Rewrite(line, devices))));
            }
        }
    }

    private static string Rewrite(string line, DeviceRewriter devices)
        => DisablesUuids().IsMatch(line) ? Disabled + line
            : CommandLine().IsMatch(line) ? KernelArguments.Rewrite(line, devices)
            : line;

    [GeneratedRegex("""^\s*(?:export\s+)?GRUB_DISABLE_(?:LINUX_)?UUID=["']?true["']?\s*(?:#.*)?$""")]
    private static partial Regex DisablesUuids();

    [GeneratedRegex(@"^\s*(?:export\s+)?GRUB_CMDLINE_[A-Z_]+\+?=")]
    private static partial Regex CommandLine();
}
