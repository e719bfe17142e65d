namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Names of kernel modules, as modprobe compares them.</summary>
internal static class ModuleName
{
    private static readonly string[] Suffixes = [".ko", ".ko.xz", ".ko.zst", ".ko.gz"];

    /// <summary>Whether a file is a kernel module, compressed or not.</summary>
    /// <param name="path">Its path.</param>
    public static bool IsModule(string path) => Array.Exists(Suffixes, suffix => path.EndsWith(suffix, StringComparison.Ordinal));

    /// <summary>Module name of a file: without directory and suffix, <c>-</c> as <c>_</c> (modprobe(8): both mean the same).</summary>
    /// <param name="path">Path of a module file, <c>kernel/drivers/char/hw_random/virtio-rng.ko.xz</c>.</param>
    public static string Of(string path)
    {
        var file = path[(path.LastIndexOf('/') + 1)..];
        var end = file.IndexOf(".ko", StringComparison.Ordinal);
        return (end < 0 ? file : file[..end]).Replace('-', '_');
    }
}
