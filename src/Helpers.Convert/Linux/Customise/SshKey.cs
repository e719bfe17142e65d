using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary><c>--ssh-inject USER</c>: a public key that lets its owner in as a user of the guest.</summary>
internal static partial class SshKey
{
    private const uint DirectoryMode = 0x1C0; // 0700 and 0600: sshd refuses what others may write (StrictModes, sshd_config(5))
    private const uint FileMode = 0x180;

    /// <summary>Adds the keys that are not there yet.</summary>
    /// <param name="files">The guest's files.</param>
    /// <param name="operation">With the user, and the key or its file.</param>
    /// <param name="plan">Not used: nothing is left open.</param>
    /// <exception cref="StepException">No public key, no such user or home, or links where a user could mislead us (<see cref="ErrorCodes.ConvertCustomise"/>).</exception>
    public static void Inject(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
    {
        var name = operation.Path ?? string.Empty;
        var reason = $"--ssh-inject {name}";
        var keys = Keys(operation, reason);
        var user = GuestUser.Find(files, name);
        var home = files.Resolve(user.Home);
        if (files.Kind(home) != GuestFileKind.Directory)
            throw new StepException(ErrorCodes.ConvertCustomise, $"{reason}: the guest has no directory {user.Home}", "Make it with --mkdir, or choose a user who has a home directory.");
        var directory = Followed(files, $"{home}/.ssh", user, reason);
        var path = Followed(files, $"{directory}/authorized_keys", user, reason);

        if (files.Kind(directory) is null)
            files.Put(directory, new CustomisedFile(GuestFileKind.Directory) { ModeIfNew = DirectoryMode, Owner = user.Owner, Reason = reason });
        var text = files.Text(path) ?? string.Empty;
        var present = text.Split('\n').Select(line => line.Trim()).ToHashSet(StringComparer.Ordinal);
        var missing = keys.Where(key => !present.Contains(key)).ToList();
        if (missing.Count == 0)
            return;
        var separator = text.Length == 0 || text.EndsWith('\n') ? string.Empty : "\n";
        files.Put(path, new CustomisedFile(GuestFileKind.File)
        {
            Content = GuestText.Bytes($"{text}{separator}{string.Concat(missing.Select(key => key + "\n"))}"),
            ModeIfNew = FileMode,
            Owner = user.Owner,
            Reason = reason,
        });
    }

    private static List<string> Keys(JobCustomisation operation, string reason)
    {
        var text = operation.Value is { } value ? value : Encoding.UTF8.GetString(HostFile.Read(operation));
        var keys = text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('#')).ToList();
        return keys.Count > 0 && keys.TrueForAll(key => PublicKey().IsMatch(key)) ? [.. keys.Select(key => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(key)))]
            : throw new StepException(ErrorCodes.ConvertCustomise, $"{reason}: {operation.File ?? "the text"} is no public key of OpenSSH", "A public key begins with its type (ssh-ed25519, ssh-rsa …); its file ends in .pub.");
    }

    /// <summary>Where a link leads: root's are followed inside the guest; in another's home anyone of its name could have placed them, to have us write for it.</summary>
    private static string Followed(CustomisedFiles files, string path, GuestUser user, string reason)
        => files.ReadLink(path) is null ? path
            : user.Owner.User == 0 ? files.Resolve(path)
            : throw new StepException(ErrorCodes.ConvertCustomise, $"{reason}: {path} is a symbolic link in the guest, and not followed in the home of a user who is not root", "Add the key in the running guest.");

    [GeneratedRegex(@"^(?:[^\n]*[ ,""])?(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-[a-z0-9]+|sk-[a-z0-9-]+@openssh\.com)(?:-cert-v01@openssh\.com)? AAAA[A-Za-z0-9+/]+={0,2}(?: [^\n]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex PublicKey();
}
