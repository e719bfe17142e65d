namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>Parts of a database's file.</summary>
internal static class DatabaseBytes
{
    /// <summary>The bytes from an offset on; fewer where the file ends.</summary>
    /// <param name="database">The file, which can be seeked in.</param>
    /// <param name="offset">Where.</param>
    /// <param name="count">How many; what asks bounds it.</param>
    public static ReadOnlyMemory<byte> At(Stream database, long offset, int count)
    {
        if (offset >= database.Length)
        {
            return default;
        }

        var bytes = new byte[(int)Math.Min(database.Length - offset, count)];
        database.Position = offset;
        return bytes.AsMemory(0, database.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
    }
}
