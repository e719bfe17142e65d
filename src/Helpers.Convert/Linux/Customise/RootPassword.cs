using System.Globalization;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary><c>--root-password file:PATH | locked | disabled | locked:file:PATH</c>: root's line of /etc/shadow (shadow(5)).</summary>
/// <remarks>The password itself is on no command line, in no document, log or report; what of it is in the guest is a salted hash.</remarks>
internal static class RootPassword
{
    private const string Shadow = "/etc/shadow";
    private const string Reason = "--root-password";
    private const string Locked = "locked";
    private const string Disabled = "disabled";
    private const string NoPassword = "*";
    private const int HashField = 1;
    private const int LastChangeField = 2;
    private const int FieldCount = 9;

    /// <summary>Sets it. Where root has this password already, nothing changes, the day of its last change neither.</summary>
    /// <param name="files">The guest's files.</param>
    /// <param name="operation">With the file of the password, or what is to be of the account.</param>
    /// <param name="plan">Not used: nothing is left open.</param>
    /// <exception cref="StepException">No password in the file, or the guest has no line for root (<see cref="ErrorCodes.ConvertCustomise"/>).</exception>
    public static void Set(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
    {
        if (operation.Value is not (null or Locked or Disabled) || (operation.Value == Disabled && operation.File is not null))
            throw new StepException(ErrorCodes.ConvertCustomise, "--root-password takes file:PATH, locked, disabled or locked:file:PATH");
        var path = files.Resolve(Shadow);
        var lines = (files.Text(path) ?? string.Empty).Split('\n');
        var at = Array.FindIndex(lines, line => line.StartsWith("root:", StringComparison.Ordinal));
        var fields = at < 0 ? [] : lines[at].Split(':');
        if (fields.Length != FieldCount)
            throw new StepException(ErrorCodes.ConvertCustomise, $"--root-password: the guest's {Shadow} has no usable line for root", "Set the password in the running guest.");

        var mark = operation.Value == Locked ? "!" : string.Empty;
        var present = fields[HashField].TrimStart('!');
        var password = operation.File is null ? null : ReadPassword(operation);
        var wanted = mark + (password is null ? NoPassword : PasswordHash.Matches(password, present) ? present : PasswordHash.Of(password));
        if (fields[HashField] == wanted)
            return;
        if (wanted.TrimStart('!') != present)
            fields[LastChangeField] = DaysSince1970();
        fields[HashField] = wanted;
        lines[at] = string.Join(':', fields);
        files.Put(path, new CustomisedFile(GuestFileKind.File) { Content = GuestText.Bytes(string.Join('\n', lines)), IsText = false, ModeIfNew = 0, Reason = Reason });
    }

    private static string DaysSince1970()
        => ((long)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalDays).ToString(CultureInfo.InvariantCulture);

    /// <summary>The first line, as virt-customize has it.</summary>
    private static byte[] ReadPassword(JobCustomisation operation)
    {
        var content = HostFile.Read(operation);
        var line = content.AsSpan();
        line = line.IndexOf((byte)'\n') is >= 0 and var end ? line[..end] : line;
        return line.Length > 0 && !line.Contains((byte)0) ? line.ToArray()
            : throw new StepException(ErrorCodes.ConvertCustomise, $"--root-password: the first line of {operation.File} holds no password");
    }
}
