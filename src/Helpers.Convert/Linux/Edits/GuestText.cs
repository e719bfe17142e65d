using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Edits;

/// <summary>Text files of a guest, byte for byte: read and written as Latin-1, in which every byte is one character, so that whatever encoding a line has survives.</summary>
internal static class GuestText
{
    /// <summary>No configuration file that we edit is larger; a hostile guest's may be.</summary>
    private const long LargestText = 4 * 1024 * 1024;

    /// <summary>The content, or <see langword="null"/> where no regular file is.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="StepException">It is larger than any such file is (<see cref="ErrorCodes.ConvertHostile"/>).</exception>
    public static string? ReadText(this IGuestFiles files, string path)
        => files.Status(path)?.Kind != GuestFileKind.File ? null : Encoding.Latin1.GetString(files.ReadBounded(path, LargestText));

    /// <summary>The content of a file without which the conversion is whole: one that is too large is told and passed over.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="path">The file.</param>
    /// <param name="plan">Where the warning goes.</param>
    /// <returns><see langword="null"/> where no regular file is, or it is larger than any such file.</returns>
    public static string? ReadTextOrWarn(this IGuestFiles files, string path, StepPlan plan)
    {
        if (files.Status(path) is not { Kind: GuestFileKind.File } status)
            return null;
        if (status.Length <= LargestText)
            return files.ReadText(path);
        plan.Warn($"the file has {status.Length >> 20} MiB and was not looked into (at most {LargestText >> 20} MiB are read)", path);
        return null;
    }

    /// <summary>Reads a file that must not be longer than a limit.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="path">The file.</param>
    /// <param name="limit">Most bytes.</param>
    /// <exception cref="StepException">It is larger or cannot be read (<see cref="ErrorCodes.ConvertHostile"/>).</exception>
    public static byte[] ReadBounded(this IGuestFiles files, string path, long limit)
    {
        try
        {
            return files.Read(path, limit);
        }
        catch (GuestFileException refused)
        {
            throw new StepException(ErrorCodes.ConvertHostile, $"{refused.Message} (at most {limit >> 20} MiB are read)", inner: refused);
        }
    }

    /// <summary>Whether a regular file is there.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="path">The file.</param>
    public static bool HasFile(this IGuestFiles files, string path) => files.Status(path)?.Kind == GuestFileKind.File;

    /// <summary>Whether a directory is there.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="path">The directory.</param>
    public static bool HasDirectory(this IGuestFiles files, string path) => files.Status(path)?.Kind == GuestFileKind.Directory;

    /// <summary>Bytes of a text.</summary>
    /// <param name="text">As <see cref="ReadText"/> gave it.</param>
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>The text of bytes that are to be written, as <see cref="ReadText"/> will give it.</summary>
    /// <param name="bytes">As <see cref="Bytes"/> gave them.</param>
    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>A text as people read it, for reports: UTF-8 where it is that.</summary>
    /// <param name="bytes">Bytes of a file.</param>
    public static string Readable(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>The edit that a rewriting gives, or nothing where it leaves the text as it is.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">Why.</param>
    /// <param name="before">Its text.</param>
    /// <param name="rewrite">Pure: what the text shall be.</param>
    /// <exception cref="StepException">Rewriting the result once more changes it again: the rewriting is wrong, and nothing is written.</exception>
    public static GuestEdit? Rewrite(string path, string reason, string before, Func<string, string> rewrite)
    {
        var after = rewrite(before);
        if (after == before)
            return null;
        return rewrite(after) == after
            ? new WriteFile(path, reason, Bytes(after))
            : throw new StepException(ErrorCodes.Convert, $"{path}: the edit does not come to rest; the file was left alone");
    }
}
