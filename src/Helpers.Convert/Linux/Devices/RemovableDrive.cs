using System.Text.RegularExpressions;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>Drives whose medium may be absent at any boot: floppy, optical, USB.</summary>
internal static partial class RemovableDrive
{
    private static readonly string[] OpticalTypes = ["iso9660", "udf", "udf,iso9660", "iso9660,udf"];

    /// <summary>Whether a device name is that of such a drive.</summary>
    /// <param name="name">A device name.</param>
    public static bool Is(string name) => Named().IsMatch(name);

    /// <summary>Whether a file system is one of optical media, whatever the drive is called: <c>/dev/hdc</c> was an optical drive as often as a disk.</summary>
    /// <param name="type">File system type of fstab.</param>
    public static bool IsOpticalType(string type) => OpticalTypes.Contains(type);

    [GeneratedRegex("^/dev/(?:fd[0-9].*|floppy.*|sr[0-9]+|scd[0-9]+|cdrom.*|cdrw.*|dvd.*|disk/by-id/usb-.+|disk/by-path/.*-usb-.+|disk/by-(?:id|path)/.*(?:[Cc][Dd]-?[Rr][Oo][Mm]|DVD).*)$")]
    private static partial Regex Named();
}
