using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>
/// The hash that older initramfs-tools keep of what they made, in <c>/var/lib/initramfs-tools/VERSION</c>: update-initramfs then refuses to
/// update a file that has another ("has been altered"), and the guest's next kernel update would fail.
/// </summary>
internal static partial class RecordedHash
{
    /// <summary>The edit that records the hash of the new file, where one is recorded at all.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="version">Kernel release.</param>
    /// <param name="path">Path of the initramfs.</param>
    /// <param name="content">Its new content.</param>
    public static GuestEdit? Of(IGuestFiles files, string version, string path, ReadOnlySpan<byte> content)
    {
        var record = $"/var/lib/initramfs-tools/{version}";
        if (files.ReadText(record) is not { } text)
            return null;
#pragma warning disable CA5350 // SHA-1 is what initramfs-tools records; nothing is trusted by it.
        var hash = System.Convert.ToHexStringLower(SHA1.HashData(content));
#pragma warning restore CA5350
        return GuestText.Rewrite(record, "the recorded hash is that of the edited initramfs", text, before => Line().Replace(before, match => match.Groups["path"].Value.EndsWith(path, StringComparison.Ordinal) ? hash + match.Groups["path"].Value : match.Value));
    }

    [GeneratedRegex("^[0-9a-f]{40}(?<path>[ \\t]+\\*?/\\S+)", RegexOptions.Multiline)]
    private static partial Regex Line();
}
