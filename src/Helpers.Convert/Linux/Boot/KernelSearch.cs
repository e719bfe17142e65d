using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Finds the kernels of a guest by their files, whatever package owns them: images in <c>/boot</c>, and those that the bootloader starts.</summary>
internal static partial class KernelSearch
{
    private const long LargestIndex = 64 * 1024 * 1024;

    /// <summary>What an image's name begins with: <c>vmlinux</c> on SUSE, <c>Image</c> there on ARM, <c>kernel</c> on Gentoo.</summary>
    private static readonly string[] Prefixes = ["vmlinuz-", "vmlinux-", "Image-", "kernel-"];

    private static readonly string[] ModuleDirectories = ["/lib/modules", "/usr/lib/modules"];

    /// <summary>The installed kernels, newest first.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="entries">What the bootloader starts.</param>
    /// <param name="plan">Where warnings about half-installed kernels go.</param>
    /// <exception cref="StepException">There is none (<see cref="ErrorCodes.ConvertKernel"/>).</exception>
    public static IReadOnlyList<InstalledKernel> Find(IGuestFiles files, IReadOnlyList<BootEntry> entries, StepPlan plan)
    {
        var images = new List<(string Version, string Image)>();
        foreach (var image in Images(files, entries).Distinct().ToList())
        {
            if (VersionOf(files, image) is { } version)
                images.Add((version, image));
            else if (Named(image) is { } name && Release().IsMatch(name))
                plan.Warn($"the kernel {name} has no modules.dep under /lib/modules and was left alone", image, "Run depmod, or remove the left-over kernel image.");
        }

        var kernels = images.GroupBy(found => found.Version, found => found.Image).Select(group => Open(files, group.Key, [.. group], entries)).ToList();
        return kernels.Count > 0
            ? [.. kernels.OrderByDescending(kernel => kernel.Version, NaturalOrder.Instance)]
            : throw new StepException(ErrorCodes.ConvertKernel, "no kernel was found: no image in /boot or in the bootloader's menu has its modules in /lib/modules/VERSION");
    }

    /// <summary>Those of the menu first. Rescue images carry modules of their own and are left alone, as is what crash kernels load.</summary>
    private static IEnumerable<string> Images(IGuestFiles files, IReadOnlyList<BootEntry> entries)
        => entries.Select(entry => entry.Image).OfType<string>()
            .Concat(Prefixes.SelectMany(prefix => files.List("/boot").Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => $"/boot/{name}")).Where(files.HasFile).Select(path => BootPath.Follow(files, path)))
            .Where(path => !path.Contains("-0-rescue", StringComparison.Ordinal) && !path.EndsWith(".gz", StringComparison.Ordinal));

    /// <summary>The release of an image: by its name, by the directory that it is in, by what it says itself, by the package that its modules name, by its flavour.</summary>
    private static string? VersionOf(IGuestFiles files, string image)
    {
        var parts = image.Split('/');
        var named = Named(image);
        if (new[] { named, parts.Length > 2 ? parts[^2] : null }.OfType<string>().FirstOrDefault(name => IsInstalled(files, name)) is { } plain)
            return plain;
        var told = UnifiedImage.IsNamedAs(image) ? UnifiedImage.Read(files.ReadBounded(image, InitramfsStep.LargestFile))?.Release : KernelImage.Release(files, image);
        if (told is not null && IsInstalled(files, told))
            return told;
        var installed = ModuleDirectories.SelectMany(files.List).Distinct().Where(name => IsInstalled(files, name)).ToList();
        return named is null ? null
            : installed.Find(version => ModuleDirectories.Any(directory => files.ReadText($"{directory}/{version}/pkgbase")?.Trim() == named))
                ?? (installed.FindAll(version => version.EndsWith("-" + named, StringComparison.Ordinal)) is [var only] ? only : null);
    }

    private static string? Named(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        return Prefixes.FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix ? name[prefix.Length..] : null;
    }

    private static bool IsInstalled(IGuestFiles files, string version) => Release().IsMatch(version) && DirectoryOf(files, version) is not null;

    private static string? DirectoryOf(IGuestFiles files, string version)
        => ModuleDirectories.Select(directory => $"{directory}/{version}").FirstOrDefault(candidate => files.HasFile($"{candidate}/modules.dep"));

    private static InstalledKernel Open(IGuestFiles files, string version, IReadOnlyList<string> images, IReadOnlyList<BootEntry> entries)
    {
        var directory = DirectoryOf(files, version)!;
        var builtIn = files.HasFile($"{directory}/modules.builtin") ? Index(files, $"{directory}/modules.builtin") : KernelConfiguration.BuiltIn(Index(files, $"/boot/config-{version}"));
        var modules = KernelModules.Parse(Index(files, $"{directory}/modules.dep"), builtIn, Index(files, $"{directory}/modules.softdep"));
        return new InstalledKernel(version, images, directory, modules) { InitramfsPaths = InitramfsFile.PathsFor(files, version, images, entries) };
    }

    private static string Index(IGuestFiles files, string path)
        => files.HasFile(path) ? System.Text.Encoding.Latin1.GetString(files.ReadBounded(path, LargestIndex)) : string.Empty;

    /// <summary>A release as kernels have it: it becomes part of paths and of depmod's arguments.</summary>
    [GeneratedRegex(@"^[0-9][A-Za-z0-9._+~-]*(?<!\.old)$")]
    private static partial Regex Release();
}
