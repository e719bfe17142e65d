using System.Globalization;
using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images.Vmdk;

/// <summary>Reads lines such as <c>RW 4192256 SPARSE "disk-s001.vmdk"</c> ("Virtual Disk Format 5.0", "The Extents").</summary>
internal static partial class VmdkExtentLine
{
    /// <summary>An extent, or <see langword="null"/> where the line is another one.</summary>
    /// <param name="line">One line, trimmed.</param>
    /// <param name="path">The descriptor, for messages.</param>
    /// <exception cref="StepException">It begins as an extent and does not go on as one: QEMU would leave it out, and with it a part of the disk.</exception>
    public static VmdkExtent? TryParse(string line, string path)
    {
        if (!Start().IsMatch(line))
        {
            return null;
        }

        var match = Whole().Match(line);
        if (!match.Success
            || !long.TryParse(match.Groups["sectors"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var sectors)
            || sectors <= 0
            || sectors > DiskImage.LargestBytes / DiskImage.Sector
            || !long.TryParse(match.Groups["offset"] is { Success: true } given ? given.Value : "0", NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            || offset > DiskImage.LargestBytes / DiskImage.Sector)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{path}: the extent '{line}' cannot be understood");
        }

        return new VmdkExtent(match.Groups["access"].Value, sectors, match.Groups["type"].Value, match.Groups["name"] is { Success: true } name ? name.Value : null, offset);
    }

    [GeneratedRegex(@"^(RW|RDONLY|NOACCESS)\s")]
    private static partial Regex Start();

    [GeneratedRegex(@"^(?<access>\w+)\s+(?<sectors>[0-9]+)\s+(?<type>[A-Z]+)(\s+""(?<name>[^""]*)""(\s+(?<offset>[0-9]+))?.*)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Whole();
}
