using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Moves the login on a console of Xen to the first serial port (inittab(5), securetty(5)). systemd follows the kernel's <c>console=</c> by itself.</summary>
internal sealed partial class ConsoleStep : IConversionStep
{
    private const string Inittab = "/etc/inittab";
    private const string Securetty = "/etc/securetty";
    private const string SerialPort = "ttyS0";

    /// <inheritdoc/>
    public string Concern => "console";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        if (guest.Input.Options.KeepSerialConsole || guest.Files.ReadText(Inittab) is not { } inittab || !XenLogin().IsMatch(inittab))
            return;

        // Two logins on one port take each other's letters.
        plan.Edit(GuestText.Rewrite(Inittab, "the login on the console of Xen is on the first serial port of the target", inittab, text => SerialLogin().IsMatch(text)
            ? TextLines.Map(text, line => XenLogin().IsMatch(line) ? "#" + line : line)
            : XenLogin().Replace(text, match => match.Groups["head"].Value + SerialPort)));
        if (guest.Files.ReadText(Securetty) is { } securetty)
            plan.Edit(GuestText.Rewrite(Securetty, "root may log in there", securetty, text => text.Split('\n').Contains(SerialPort) ? text : $"{text.TrimEnd('\n')}\n{SerialPort}\n"));
    }

    [GeneratedRegex(@"^(?<head>[^#\n][^\n]*getty[^\n]*\s)(?:hvc|xvc)0(?=\s|$)", RegexOptions.Multiline)]
    private static partial Regex XenLogin();

    [GeneratedRegex(@"^[^#\n][^\n]*getty[^\n]*\sttyS0(?=\s|$)", RegexOptions.Multiline)]
    private static partial Regex SerialLogin();
}
