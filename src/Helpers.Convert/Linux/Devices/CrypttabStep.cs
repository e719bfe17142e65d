using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>Frees <c>/etc/crypttab</c> of device names: of the volume, of what holds its key, of a detached header (crypttab(5)).</summary>
internal sealed class CrypttabStep : IConversionStep
{
    private const string Path = "/etc/crypttab";
    private const string Header = "header=";

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
        return With(With(With(text, 1, name => devices.Replace(name, text, keptContent)), 2, key => Key(key, text, devices)), 3, options => Options(options, text, devices));
    }

    private static string With(string text, int field, Func<string, string> rewrite)
    {
        var line = new TableLine(text);
        return field < line.Count && rewrite(line[field]) is var rewritten && rewritten != line[field] ? line.With(field, rewritten) : text;
    }

    /// <summary>A key is raw on a device, or a file on one: <c>/dev/sdb1</c>, <c>/key:/dev/sdb1</c>, <c>/dev/sdb1:/key</c> of passdev.</summary>
    private static string Key(string key, string text, DeviceRewriter devices)
        => string.Join(':', key.Split(':').Select(part => devices.ReplacePath(part, text)));

    private static string Options(string options, string text, DeviceRewriter devices)
        => string.Join(',', options.Split(',').Select(option => option.StartsWith(Header, StringComparison.Ordinal) ? Header + devices.ReplacePath(option[Header.Length..], text) : option));
}
