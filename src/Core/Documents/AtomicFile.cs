namespace Hyper2Kvm.Core.Documents;

/// <summary>Writes whole files so that no reader and no power cut ever sees half of one.</summary>
public static class AtomicFile
{
    /// <summary>Writes to a temporary name in the same directory, syncs, renames.</summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="content">Its new content.</param>
    /// <param name="mode">Its permission bits.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = mode,
            }))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
