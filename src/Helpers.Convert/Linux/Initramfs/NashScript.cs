using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>The <c>/init</c> of Red Hat's mkinitrd before dracut (RHEL 5, nash(8)): modules lie in <c>/lib</c> without indexes, and each has its line <c>insmod /lib/NAME.ko</c>.</summary>
internal sealed partial class NashScript
{
    /// <summary>Its path in the archive.</summary>
    public const string Path = "init";

    /// <summary>Where its modules lie.</summary>
    public const string ModuleDirectory = "lib";

    private readonly string _text;

    private NashScript(string text) => _text = text;

    /// <summary>The script of an archive, <see langword="null"/> where its init is none for nash.</summary>
    /// <param name="image">The initramfs.</param>
    public static NashScript? Find(InitramfsImage image)
        => image.Content(Path) is { } bytes && bytes.Span.StartsWith("#!/bin/nash"u8) ? new NashScript(Encoding.Latin1.GetString(bytes.Span)) : null;

    /// <summary>Whether it loads a module.</summary>
    /// <param name="module">Module name.</param>
    public bool Loads(string module) => Insmod().Matches(_text).Any(line => ModuleName.Of(line.Groups["path"].Value) == module);

    /// <summary>The script that loads modules before all others: it may wait for disks after its own.</summary>
    /// <param name="files">Names of module files, in the order in which they need each other.</param>
    public byte[] With(IEnumerable<string> files)
    {
        var lines = string.Concat(files.Select(file => $"insmod /{ModuleDirectory}/{file}\n"));
        var first = Insmod().Match(_text) is { Success: true } insmod ? insmod.Index
            : Devices().Match(_text) is { Success: true } devices ? devices.Index
            : throw new InitramfsFormatException("its init neither loads a module nor makes devices", "Build it in the guest: mkinitrd --with=virtio_pci --with=virtio_blk.");
        return GuestText.Bytes(_text.Insert(first, lines));
    }

    [GeneratedRegex(@"^\s*insmod\s+(?<path>/lib/\S+)", RegexOptions.Multiline)]
    private static partial Regex Insmod();

    [GeneratedRegex(@"^\s*mkblkdevs", RegexOptions.Multiline)]
    private static partial Regex Devices();
}
