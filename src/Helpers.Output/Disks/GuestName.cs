using System.Text;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Output.Disks;

/// <summary>The name of a guest as a file name, a libvirt domain name and a word of XML at once.</summary>
internal static class GuestName
{
    /// <summary>Longest name in bytes: with what temporary names add it stays under the 255 bytes of a file name (NAME_MAX).</summary>
    public const int LongestBytes = 180;

    /// <summary>The name with <c>_</c> for every character that one of them forbids: <c>/</c>, control characters, a leading dot or dash.</summary>
    /// <remarks>virt-v2v does it for <c>/</c>; libvirt refuses <c>/</c> and line ends; XML 1.0 has no control characters; a leading dot hides the files.</remarks>
    /// <param name="name">Name as the source or the caller has it.</param>
    /// <exception cref="StepException">It is empty or too long (<see cref="ErrorCodes.Usage"/>).</exception>
    public static string Clean(string name)
    {
        var cleaned = new StringBuilder(name.Length);
        foreach (var rune in name.Trim().EnumerateRunes())
        {
            var forbidden = rune.Value == '/' || Rune.IsControl(rune) || rune.Value is 0xFFFE or 0xFFFF
                || (cleaned.Length == 0 && rune.Value is '.' or '-');
            cleaned.Append(forbidden ? "_" : rune.ToString());
        }

        if (cleaned.Length == 0)
        {
            throw new StepException(ErrorCodes.Usage, "the guest has no name", "Give one with -on NAME.");
        }

        var result = cleaned.ToString();
        return Encoding.UTF8.GetByteCount(result) <= LongestBytes
            ? result
            : throw new StepException(ErrorCodes.Usage, $"the guest's name '{result}' is longer than {LongestBytes} bytes", "Give a shorter one with -on NAME.");
    }

    /// <summary>Name of a disk's file: <c>NAME-sda</c>, <c>NAME-sdb</c> …, as virt-v2v has it, whatever the bus.</summary>
    /// <param name="name">Cleaned name of the guest.</param>
    /// <param name="disk">Index of the disk, from 0.</param>
    public static string OfDisk(string name, int disk) => $"{name}-sd{DriveLetters(disk)}";

    /// <summary><c>a</c> … <c>z</c>, <c>aa</c>, <c>ab</c> …: the letters of the kernel's disk names (sd_format_disk_name in drivers/scsi/sd.c).</summary>
    /// <param name="index">From 0.</param>
    public static string DriveLetters(int index)
    {
        var letters = string.Empty;
        for (var rest = index; rest >= 0; rest = (rest / 26) - 1)
        {
            letters = (char)('a' + (rest % 26)) + letters;
        }

        return letters;
    }
}
