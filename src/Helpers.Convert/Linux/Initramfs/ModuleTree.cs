using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Builds the module indexes of an initramfs with the host's depmod, from a private tree that holds just its modules (depmod(8)).</summary>
internal static class ModuleTree
{
    /// <summary>What depmod makes; modprobe and udev read the <c>.bin</c> ones, lsinitramfs and people the others.</summary>
    private static readonly string[] Indexes =
    [
        "modules.alias", "modules.alias.bin", "modules.builtin.alias.bin", "modules.builtin.bin", "modules.dep", "modules.dep.bin",
        "modules.devname", "modules.softdep", "modules.symbols", "modules.symbols.bin", "modules.weakdep",
    ];

    /// <summary>Ample for depmod: 40 MB and 2 s for all modules of a distribution's kernel.</summary>
    private const string MemoryLimit = "--as=2147483648";

    private const string TimeLimit = "--cpu=120";

    /// <summary>What depmod reads beside the modules themselves.</summary>
    public static IReadOnlyList<string> Sources { get; } = ["modules.builtin", "modules.builtin.modinfo", "modules.order"];

    /// <summary>Makes the indexes.</summary>
    /// <param name="directory">A private, empty directory of the host.</param>
    /// <param name="version">Kernel release.</param>
    /// <param name="modules">Modules by path relative to <c>lib/modules/VERSION</c>, with <see cref="Sources"/> where they exist.</param>
    /// <param name="cancel">Stops depmod.</param>
    /// <returns>Indexes by file name.</returns>
    /// <exception cref="StepException">depmod failed (<see cref="ErrorCodes.ConvertInitramfs"/>).</exception>
    public static IReadOnlyDictionary<string, byte[]> Index(
        string directory, string version, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> modules, CancellationToken cancel)
    {
        var tree = Path.Combine(directory, "lib", "modules", version);
        var settings = Path.Combine(directory, "depmod.d");
        Directory.CreateDirectory(tree);
        Directory.CreateDirectory(settings);
        foreach (var (path, content) in modules)
            Place(tree, path, content.Span);
        PlainModules.Unpack([.. modules.Keys.Where(ModuleName.IsModule).Select(path => Path.Combine(tree, path))], cancel);

        // -C: the host's own search order must not leak into the guest's indexes.
        // Its memory and time are bounded: what it parses is the guest's.
        CommandRunner.RunChecked(
            new Command("prlimit", MemoryLimit, TimeLimit, "depmod", "-C", settings, "-b", directory, version), ErrorCodes.ConvertInitramfs, $"indexing the modules of {version} failed", cancel);
        return Indexes.Where(name => File.Exists(Path.Combine(tree, name)))
            .ToDictionary(name => name, name => File.ReadAllBytes(Path.Combine(tree, name)), StringComparer.Ordinal);
    }

    /// <summary>Names come from the guest: one that is not a plain relative path is never written to the host's files.</summary>
    private static void Place(string tree, string path, ReadOnlySpan<byte> content)
    {
        var parts = path.Split('/');
        if (Array.Exists(parts, part => part is "" or "." or ".." || part.Contains('\0')))
            throw new StepException(ErrorCodes.ConvertInitramfs, $"the module path '{path}' is not a plain relative path");
        var file = Path.Combine([tree, .. parts]);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
    }
}
