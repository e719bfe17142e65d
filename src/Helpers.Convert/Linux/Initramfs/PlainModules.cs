using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Unpacks the compressed modules of a private tree where they are, under their names: depmod, which unpacks without a limit, gets plain ELF and tells it by its magic number.</summary>
/// <remarks>Many modules by one process: a distribution's initramfs has up to two thousand.</remarks>
internal static class PlainModules
{
    /// <summary>Most bytes of one module; those of distributions are below 64 MiB.</summary>
    private const long Largest = 256L << 20;

    /// <summary>Most bytes of all of a kernel; a distribution's take some 500 MiB.</summary>
    private const long LargestSum = 2L << 30;

    /// <summary>Modules by one process: no more than this are unpacked before the sum is looked at.</summary>
    private const int Batch = 16;

    private static readonly (string Suffix, Command Unpack)[] Tools =
    [
        (".xz", new Command("xz", "-d", "-q", "-f", "--no-sparse", "--memlimit=1GiB", "--")),
        (".zst", new Command("zstd", "-d", "-q", "-f", "--rm", "--no-sparse", "--")),
    ];

    /// <summary>Unpacks them.</summary>
    /// <param name="files">Modules, compressed or not.</param>
    /// <param name="cancel">Stops the tools.</param>
    /// <exception cref="StepException">One is damaged, or unpacks to more than is allowed (<see cref="ErrorCodes.ConvertInitramfs"/>).</exception>
    public static void Unpack(IReadOnlyList<string> files, CancellationToken cancel)
    {
        long sum = 0;
        foreach (var (suffix, tool) in Tools)
        {
            foreach (var batch in files.Where(file => file.EndsWith(suffix, StringComparison.Ordinal)).Chunk(Batch))
            {
                UnpackAll(tool, batch, cancel);
                foreach (var packed in batch)
                {
                    var plain = packed[..^suffix.Length];
                    sum += new FileInfo(plain).Length;
                    File.Move(plain, packed);
                }

                if (sum > LargestSum)
                    throw Refused($"unpack to more than {LargestSum >> 20} MiB", batch);
            }
        }
    }

    private static void UnpackAll(Command tool, string[] batch, CancellationToken cancel)
    {
        // A file that grows past the limit ends the tool (SIGXFSZ).
        string[] arguments = [$"--fsize={Largest}", tool.Program, .. tool.Arguments, .. batch];
        var result = CommandRunner.Run(new Command("prlimit", arguments), cancel);
        if (!result.Succeeded)
            throw Refused($"cannot be unpacked, or unpack to more than {Largest >> 20} MiB each ({result.ErrorText.Trim()})", batch);
    }

    private static StepException Refused(string what, IEnumerable<string> batch)
        => new(ErrorCodes.ConvertInitramfs, $"modules of the guest {what}: {string.Join(", ", batch.Select(Path.GetFileName))}", "Install the package of the kernel again in the guest, and rebuild its initramfs there.");
}
