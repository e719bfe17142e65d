using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Puts drivers with all that they need into an initramfs, and makes its module indexes anew.</summary>
/// <param name="files">The guest.</param>
/// <param name="kernel">The kernel whose initramfs it is.</param>
/// <param name="image">The initramfs.</param>
internal sealed class InitramfsDrivers(IGuestFiles files, InstalledKernel kernel, InitramfsImage image)
{
    private const long LargestModule = 128 * 1024 * 1024;
    private const string GzipSuffix = ".gz";
    private const string Damaged = "is no kernel module: it is damaged or truncated";

    /// <summary>Where the archive has modules: <c>lib</c> is a link to <c>usr/lib</c> in most.</summary>
    private readonly string _base = image.Resolve($"lib/modules/{kernel.Version}");

    private readonly NashScript? _script = NashScript.Find(image);

    /// <summary>The named drivers and what they need, as far as they are missing or not in the archive's index; paths as in modules.dep.</summary>
    /// <param name="drivers">Module names.</param>
    public IReadOnlyList<string> Missing(IEnumerable<string> drivers)
    {
        if (_script is { } script)
            return [.. kernel.Modules.Closure(drivers).Where(path => !script.Loads(ModuleName.Of(path)))];
        var inside = Inside().Keys.Select(ModuleName.Of).ToHashSet(StringComparer.Ordinal);
        var indexed = Indexed();
        return [.. kernel.Modules.Closure(drivers).Where(path => !inside.Contains(ModuleName.Of(path)) || !indexed.Contains(ModuleName.Of(path)))];
    }

    /// <summary>Adds modules and new indexes.</summary>
    /// <param name="missing">What <see cref="Missing"/> gave.</param>
    /// <param name="content">Where they go.</param>
    /// <param name="directory">Private directory of the host for depmod.</param>
    /// <param name="cancel">Stops depmod.</param>
    public void Add(IReadOnlyList<string> missing, InitramfsContent content, string directory, CancellationToken cancel)
    {
        content.Because($"drivers {string.Join(", ", missing.Select(ModuleName.Of))}");
        if (_script is { } script)
        {
            foreach (var path in missing)
                content.Put(image, $"{NashScript.ModuleDirectory}/{FileName(path)}", ReadModule(path));
            content.Put(image, NashScript.Path, script.With(missing.Select(FileName)));
            return;
        }

        var inside = Inside();
        var names = inside.Keys.Select(ModuleName.Of).ToHashSet(StringComparer.Ordinal);
        foreach (var path in missing.Where(path => !names.Contains(ModuleName.Of(path))))
        {
            var module = ReadModule(path);
            inside[path] = module;
            if (!path.EndsWith(GzipSuffix, StringComparison.Ordinal))
                content.Put(image, $"{_base}/{path}", module);
        }

        Unpack(inside, content, cancel);

        foreach (var source in ModuleTree.Sources)
        {
            if (image.Content($"{_base}/{source}") is { } present)
                inside[source] = present;
            else if (files.HasFile($"{kernel.ModuleDirectory}/{source}"))
                inside[source] = files.ReadBounded($"{kernel.ModuleDirectory}/{source}", LargestModule);
        }

        foreach (var source in ModuleTree.Sources.Where(inside.ContainsKey))
            content.Put(image, $"{_base}/{source}", inside[source]);
        foreach (var (name, index) in ModuleTree.Index(directory, kernel.Version, inside, cancel))
            content.Put(image, $"{_base}/{name}", index);
    }

    private static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];

    private Dictionary<string, ReadOnlyMemory<byte>> Inside()
        => image.Paths.Where(path => path.StartsWith(_base + "/", StringComparison.Ordinal) && ModuleName.IsModule(path))
            .Select(path => (Path: path, Content: image.Content(path)))
            .Where(module => module.Content is not null)
            .ToDictionary(module => module.Path[(_base.Length + 1)..], module => module.Content!.Value, StringComparer.Ordinal);

    /// <summary>
    /// The host's depmod may know no gzip (Debian's does not), and leaves such modules out of its indexes: they are put in unpacked,
    /// beside those that are there, and the indexes name them. modprobe and Alpine's nlplug-findfs load what the indexes name.
    /// </summary>
    private void Unpack(Dictionary<string, ReadOnlyMemory<byte>> inside, InitramfsContent content, CancellationToken cancel)
    {
        foreach (var path in inside.Keys.Where(path => path.EndsWith(GzipSuffix, StringComparison.Ordinal)).ToList())
        {
            var plain = path[..^GzipSuffix.Length];
            inside[plain] = Gunzip(path, inside[path], cancel);
            inside.Remove(path);
            content.Put(image, $"{_base}/{plain}", inside[plain]);
        }
    }

    private ReadOnlyMemory<byte> Gunzip(string path, ReadOnlyMemory<byte> packed, CancellationToken cancel)
    {
        try
        {
            var module = Codec.Unpack(ArchiveCompression.Gzip, packed, cancel, LargestModule);
            return KernelModuleFile.IsWhole(module.Span) ? module : throw Broken(path, Damaged);
        }
        catch (InitramfsFormatException unusable)
        {
            throw Broken(path, $"{Damaged}: {unusable.Message}");
        }
    }

    private HashSet<string> Indexed()
        => image.Content($"{_base}/modules.dep") is { } index && image.Content($"{_base}/modules.dep.bin") is not null
            ? KernelModules.Parse(System.Text.Encoding.Latin1.GetString(index.Span), string.Empty, string.Empty).Paths.Select(ModuleName.Of).ToHashSet(StringComparer.Ordinal)
            : [];

    private byte[] ReadModule(string path)
    {
        var file = $"{kernel.ModuleDirectory}/{path}";
        if (path.StartsWith('/') || path.Split('/').Contains("..") || !files.HasFile(file))
            throw Broken(file, "is named by modules.dep but is not there");
        var content = files.ReadBounded(file, LargestModule);
        return IsModuleContent(path, content) ? content : throw Broken(file, Damaged);
    }

    /// <summary>ELF, or the magic number of the compression that its name tells.</summary>
    private static bool IsModuleContent(string path, ReadOnlySpan<byte> content)
        => path.EndsWith(".xz", StringComparison.Ordinal) ? content.StartsWith<byte>([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00])
            : path.EndsWith(".zst", StringComparison.Ordinal) ? content.StartsWith<byte>([0x28, 0xB5, 0x2F, 0xFD])
            : path.EndsWith(".gz", StringComparison.Ordinal) ? content.StartsWith<byte>([0x1F, 0x8B])
            : KernelModuleFile.IsWhole(content);

    private StepException Broken(string file, string what)
        => new(ErrorCodes.ConvertInitramfs, $"the module {file} {what}", $"Install the package of the kernel {kernel.Version} again in the guest.");
}
