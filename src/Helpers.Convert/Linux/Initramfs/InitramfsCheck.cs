using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Reads a new initramfs as the kernel would, before it takes the place of the old one.</summary>
internal static class InitramfsCheck
{
    /// <summary>Requires that all that was wanted is in it.</summary>
    /// <param name="file">The new file.</param>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="drivers">Drivers that must be in it, with all that they need.</param>
    /// <param name="content">Files that must be in it.</param>
    /// <param name="files">The guest.</param>
    /// <param name="cancel">Stops tools of the host.</param>
    /// <exception cref="InitramfsFormatException">Something is not.</exception>
    public static void Require(
        ReadOnlyMemory<byte> file, InstalledKernel kernel, IReadOnlyList<string> drivers, InitramfsContent content, IGuestFiles files, CancellationToken cancel)
    {
        var image = InitramfsImage.Read(file, cancel);
        foreach (var (path, wanted) in content.Files)
        {
            if (image.Content(path) is not { } present || !present.Span.SequenceEqual(wanted.Span))
                throw new InitramfsFormatException($"the edited file does not hold {path} as it should");
        }

        var missing = new InitramfsDrivers(files, kernel, image).Missing(drivers);
        if (missing.Count > 0)
            throw new InitramfsFormatException($"the edited file lacks {string.Join(", ", missing)}");
    }
}
