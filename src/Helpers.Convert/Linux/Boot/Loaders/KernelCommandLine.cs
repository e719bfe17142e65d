using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>Arguments from which kernel-install(8), mkinitcpio(8) and ukify(1) make entries and unified images: the whole file is arguments.</summary>
internal static class KernelCommandLine
{
    private static readonly string[] Paths = ["/etc/kernel/cmdline", "/usr/lib/kernel/cmdline"];
    private static readonly string[] Directories = ["/etc/cmdline.d", "/etc/kernel/cmdline.d"];

    /// <summary>The files that the guest has.</summary>
    /// <param name="files">The guest.</param>
    public static IEnumerable<ArgumentFile> Files(IGuestFiles files)
        => Paths
            .Concat(Directories.SelectMany(directory => files.List(directory).Where(name => name.EndsWith(".conf", StringComparison.Ordinal)).Select(name => $"{directory}/{name}")))
            .Where(files.HasFile)
            .Select(path => new ArgumentFile(path, line => !line.TrimStart().StartsWith('#')));
}
