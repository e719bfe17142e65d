using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Makes sure that what is put into an initramfs is loaded there.</summary>
/// <remarks>
/// Most find hardware by its modalias: udev by its rule <c>80-drivers.rules</c> (dracut, mkinitcpio with udev or systemd, SUSE's mkinitrd, initramfs-tools),
/// Alpine's by <c>nlplug-findfs</c>; both need no more than right module indexes. Those without either load by name:
/// initramfs-tools what <c>conf/modules</c> lists (scripts/functions, load_modules), mkinitcpio's init the <c>MODULES</c> of <c>/config</c>, and dracut's pre-udev hook each
/// <c>rd.driver.pre=</c> of <c>etc/cmdline.d</c> (what its own force_drivers writes; Red Hat's mkinitrd before that has <see cref="NashScript"/>).
/// </remarks>
internal static partial class DriverLoading
{
    private const string ToolsList = "conf/modules";
    private const string MkinitcpioSettings = "config";
    private const string DracutArguments = "etc/cmdline.d";

    /// <summary>Has the drivers loaded.</summary>
    /// <param name="image">The initramfs.</param>
    /// <param name="content">Where changed lists go.</param>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="drivers">Module names; those that are no module of the kernel are left out.</param>
    /// <exception cref="InitramfsFormatException">Nothing in it is known to load a driver.</exception>
    public static void Ensure(InitramfsImage image, InitramfsContent content, InstalledKernel kernel, IEnumerable<string> drivers)
    {
        var names = drivers.Where(name => kernel.Modules.PathOf(name) is not null).ToList();
        if (image.Content(ToolsList) is { } list)
        {
            // MODULES=list and images without udev load only these; the others load them a little earlier.
            content.Put(image, ToolsList, GuestText.Bytes(ModuleList.With(Latin1(list), names, comment: null)));
        }
        else if (image.Content(MkinitcpioSettings) is { } settings && image.Paths.Contains("init_functions"))
        {
            content.Put(image, MkinitcpioSettings, GuestText.Bytes(WithModules(Latin1(settings), names)));
        }
        else if (!LoadsByModalias(image))
        {
            if (NashScript.Find(image) is not null)
                return;
            if (!IsDracut(image))
                throw new InitramfsFormatException("nothing in it is known to load drivers: neither udev's 80-drivers.rules nor the lists of initramfs-tools, dracut, mkinitcpio or mkinitfs", "Add the drivers virtio_pci and virtio_blk in the guest with its own tool (mkinitrd --with=virtio_pci --with=virtio_blk), and convert again.");
            content.Put(image, $"{DracutArguments}/20-hyper2kvm.conf", GuestText.Bytes(string.Concat(names.Select(name => $"rd.driver.pre={name}\n"))));
        }
    }

    private static bool LoadsByModalias(InitramfsImage image)
        => image.Paths.Any(path => path.EndsWith("/rules.d/80-drivers.rules", StringComparison.Ordinal) || path.EndsWith("/nlplug-findfs", StringComparison.Ordinal));

    private static bool IsDracut(InitramfsImage image) => image.TryGet(DracutArguments, out _) || image.TryGet("lib/dracut", out _) || image.TryGet("usr/lib/dracut", out _);

    /// <summary>mkinitcpio writes <c>MODULES="a b"</c>, or no such line where there are none.</summary>
    private static string WithModules(string text, IReadOnlyList<string> names)
    {
        if (Modules().Match(text) is not { Success: true } line)
            return $"{text}{(text.Length == 0 || text.EndsWith('\n') ? string.Empty : "\n")}MODULES=\"{string.Join(' ', names)}\"\n";
        var present = line.Groups["names"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Modules().Replace(text, $"MODULES=\"{string.Join(' ', present.Concat(names).DistinctBy(name => name.Replace('-', '_')))}\"", 1);
    }

    private static string Latin1(ReadOnlyMemory<byte> bytes) => Encoding.Latin1.GetString(bytes.Span);

    [GeneratedRegex("""^MODULES=["']?(?<names>[^"'\n]*)["']?""", RegexOptions.Multiline)]
    private static partial Regex Modules();
}
