using System.Security.Cryptography;

namespace Hyper2Kvm.Daemon.Outcome.Deduplication;

/// <summary>Hashes of the whole content of a guest's files, one after another in the order of their names (<c>cat FILES | sha256sum</c>).</summary>
/// <param name="Md5">32 hexadecimal digits, as older databases have it.</param>
/// <param name="Sha256">64 hexadecimal digits; what decides.</param>
internal sealed record ContentHash(string Md5, string Sha256)
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Reads the files once, and computes both.</summary>
    /// <param name="files">The files of a guest.</param>
    /// <param name="cancel">Gives up between two buffers.</param>
    /// <exception cref="IOException">One cannot be read.</exception>
    public static ContentHash Of(IReadOnlyList<SourceFile> files, CancellationToken cancel)
    {
        // MD5 is a key of older databases here, and decides nothing where there is a SHA-256.
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        foreach (var file in files)
        {
            using var stream = new FileStream(file.Path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan, Share = FileShare.ReadWrite | FileShare.Delete });
            int count;
            while ((count = stream.Read(buffer)) > 0)
            {
                cancel.ThrowIfCancellationRequested();
                md5.AppendData(buffer, 0, count);
                sha256.AppendData(buffer, 0, count);
            }
        }

        return new ContentHash(Convert.ToHexStringLower(md5.GetHashAndReset()), Convert.ToHexStringLower(sha256.GetHashAndReset()));
    }
}
