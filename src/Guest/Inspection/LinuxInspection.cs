using System.Text;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Guest.Inspection;

/// <summary>Says what Linux system a tree of files is.</summary>
internal static class LinuxInspection
{
    private const int SmallFile = 64 * 1024;

    /// <summary>Programs of which a system has at least one; links are followed inside the guest.</summary>
    private static readonly string[] Programs = ["/bin/sh", "/usr/bin/sh", "/bin/bash", "/usr/bin/env", "/sbin/init", "/usr/lib/systemd/systemd", "/lib/systemd/systemd"];

    /// <summary>Looks at a tree; <see langword="null"/> where it is no root of a Linux system.</summary>
    /// <param name="files">The tree.</param>
    /// <param name="volume">The volume that holds it.</param>
    /// <param name="subvolume">btrfs option that chose it.</param>
    /// <remarks>
    /// A root has /etc/fstab or an os-release, and somewhere to keep programs. A separate /usr is not mounted yet
    /// when roots are looked for, so os-release alone is not asked for.
    /// </remarks>
    public static GuestSystem? Inspect(IGuestFiles files, GuestVolume volume, string? subvolume)
    {
        var release = ReadText(files, "/etc/os-release") ?? ReadText(files, "/usr/lib/os-release");
        var hasPrograms = IsDirectory(files, "/bin") || IsDirectory(files, "/usr/bin") || IsLink(files, "/bin") || IsDirectory(files, "/usr");
        if (!hasPrograms || (release is null && !IsFile(files, "/etc/fstab")))
        {
            return null;
        }

        var values = OsRelease.Parse(release ?? string.Empty);
        var old = OldRelease.Find(path => ReadText(files, path));
        var distribution = values.GetValueOrDefault("ID") ?? old?.Id;
        return new GuestSystem(
            volume,
            subvolume,
            new OperatingSystemMetadata
            {
                Family = "linux",
                Distribution = distribution,
                Version = values.GetValueOrDefault("VERSION_ID") ?? old?.Version,
                ProductName = values.GetValueOrDefault("PRETTY_NAME") ?? values.GetValueOrDefault("NAME") ?? old?.Name ?? distribution,
                HostName = HostName(files),
                Root = volume.Device,
            },
            values.GetValueOrDefault("ID_LIKE")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [],
            Programs.Select(path => ElfHeader.Architecture(Start(files, path))).FirstOrDefault(found => found is not null));
    }

    private static string? HostName(IGuestFiles files)
        => ReadText(files, "/etc/hostname")?.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && !line.StartsWith('#'));

    private static bool IsFile(IGuestFiles files, string path) => Kind(files, path, followLinks: true) == GuestFileKind.File;

    private static bool IsDirectory(IGuestFiles files, string path) => Kind(files, path, followLinks: true) == GuestFileKind.Directory;

    private static bool IsLink(IGuestFiles files, string path) => Kind(files, path, followLinks: false) == GuestFileKind.SymbolicLink;

    private static GuestFileKind? Kind(IGuestFiles files, string path, bool followLinks) => Try<GuestFileKind?>(() => files.Status(path, followLinks)?.Kind);

    private static string? ReadText(IGuestFiles files, string path) => Try(() => Encoding.UTF8.GetString(files.Read(path, SmallFile)));

    private static byte[] Start(IGuestFiles files, string path)
        => Try(() =>
        {
            using var stream = files.OpenRead(path);
            var bytes = new byte[ElfHeader.Bytes];
            return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length ? bytes : null;
        }) ?? [];

    /// <summary>What a file that is not what it should be says of the system is: nothing.</summary>
    private static T? Try<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (GuestFileException)
        {
            return default;
        }
    }
}
