using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>Frees <c>/etc/crypttab</c> of device names (crypttab(5)).</summary>
internal sealed class CrypttabStep : IConversionStep
{
    private const string Path = "/etc/crypttab";

    /// <inheritdoc/>
    public string Concern => "crypttab";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        if (guest.Files.ReadText(Path) is { } text)
        {
            var devices = new DeviceRewriter(guest.Names, Path, plan);
            plan.Edit(GuestText.Rewrite(Path, "names of encrypted volumes that do not depend on the disk controller", text, before => Rewrite(before, devices)));
        }
    }

    /// <summary>Rewrites a crypttab, in <c>/etc</c> or inside an initramfs.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="devices">Replaces device names.</param>
    public static string Rewrite(string text, DeviceRewriter devices) => TextLines.Map(text, line => RewriteLine(line, devices));

    private static string RewriteLine(string text, DeviceRewriter devices)
    {
        var line = new TableLine(text);
        if (line.Count < 2)
            return text;

        // Swap with a random key is formatted at every boot: the UUID of what it happens to hold now is gone by then.
        var keptContent = !line[2].EndsWith("random", StringComparison.Ordinal);
        var replaced = devices.Replace(line[1], text, keptContent);
        return replaced == line[1] ? text : line.With(1, replaced);
    }
}
