using System.Buffers.Binary;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>
/// Puts a loader where firmware looks that knows nothing of the guest (UEFI Specification 2.10, 3.5.1.1: <c>EFI/BOOT/BOOTX64.EFI</c>): an entry in the source's
/// NVRAM, which named the loader until now, does not come along.
/// </summary>
/// <remarks>
/// What is put there is a copy of what the entry named: the vendor's shim with the grub that it starts, or grub, or systemd-boot. A vendor's grub finds its own directory
/// by the path that it was built with, SUSE's by where it lies: so the few lines that send grub on to its menu are copied too.
/// Not shim's fallback (<c>fbx64.efi</c>): it writes NVRAM entries, and restarts the machine for it.
/// </remarks>
internal sealed class UefiFallbackStep : IConversionStep
{
    private const long LargestLoader = 64L * 1024 * 1024;
    private const string Reason = "the firmware of the target knows no entry of this guest and looks here; only the source's NVRAM named a loader";

    /// <summary>Directories that hold no loader of Linux.</summary>
    private static readonly string[] Foreign = ["BOOT", "Microsoft", "Linux", "tools"];

    /// <summary>Beginnings of loaders' names, that which starts the others first.</summary>
    private static readonly string[] Loaders = ["shim", "systemd-boot", "grub", "refind"];

    /// <summary>Beginnings of what a loader starts from its own directory.</summary>
    private static readonly string[] Companions = ["grub", "mm"];

    /// <inheritdoc/>
    public string Concern => "uefi-fallback";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        if (guest.Input.TargetFirmware != Firmware.Uefi)
            return;
        var points = SystemdBoot.MountPoints.Where(point => guest.Files.HasDirectory($"{point}/EFI")).ToList();
        if (points.Count == 0)
        {
            plan.Warn("its firmware is UEFI, and no EFI system partition is mounted in it: whether the target's firmware finds a loader was not checked", "/boot/efi", "Give all disks of the guest; in the guest, name the partition in /etc/fstab.");
            return;
        }

        if (points.Any(point => FallbackOf(guest.Files, point) is not null))
            return;
        foreach (var point in points)
        {
            if (FindLoader(guest.Files, point) is { } loader)
            {
                Copy(guest.Files, point, loader, plan);
                return;
            }
        }

        plan.Warn("no loader of Linux was found on the EFI system partition, and none is where firmware looks: the guest may not start", points[0], "Run grub-install --removable or bootctl install in the guest.");
    }

    /// <summary>The loader where firmware looks; <see langword="null"/> where there is none.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="point">Where the EFI system partition is mounted.</param>
    public static string? FallbackOf(IGuestFiles files, string point)
        => Named(files, point, "EFI/BOOT")
            .SelectMany(directory => files.List(directory).Where(name => name.StartsWith("BOOT", StringComparison.OrdinalIgnoreCase) && IsProgram(name) && !name.StartsWith("BOOTMGFW", StringComparison.OrdinalIgnoreCase)).Select(name => $"{directory}/{name}"))
            .FirstOrDefault();

    private static string? FindLoader(IGuestFiles files, string point)
    {
        var candidates = files.List($"{point}/EFI")
            .Where(vendor => !Foreign.Contains(vendor, StringComparer.OrdinalIgnoreCase))
            .SelectMany(vendor => files.List($"{point}/EFI/{vendor}").Where(IsProgram).Select(name => $"{point}/EFI/{vendor}/{name}"))
            .ToList();
        return Loaders.SelectMany(start => candidates.Where(path => Name(path).StartsWith(start, StringComparison.OrdinalIgnoreCase))).FirstOrDefault()
            ?? SystemdBoot.UnifiedImages(files).Where(path => path.StartsWith(point + "/", StringComparison.Ordinal)).Order(NaturalOrder.Instance).LastOrDefault();
    }

    private static void Copy(IGuestFiles files, string point, string loader, StepPlan plan)
    {
        var content = files.ReadBounded(loader, LargestLoader);
        if (ArchitectureOf(content) is not { } architecture)
        {
            plan.Warn("it is no EFI program that is known, and was not put where firmware looks", loader, "Run grub-install --removable in the guest.");
            return;
        }

        var directory = Named(files, point, "EFI/BOOT").FirstOrDefault() ?? $"{point}/EFI/BOOT";
        var source = loader[..loader.LastIndexOf('/')];
        foreach (var companion in files.List(source).Where(name => $"{source}/{name}" != loader && IsCompanion(files, $"{source}/{name}")))
            plan.Edit(new WriteFile($"{directory}/{companion}", $"what {Name(loader)} starts", files.ReadBounded($"{source}/{companion}", LargestLoader), IsText: false));

        // The last: while it is not there, firmware finds none, rather than one whose companions are missing.
        plan.Edit(new WriteFile($"{directory}/BOOT{architecture}.EFI", $"a copy of {loader}: {Reason}", content, IsText: false));
    }

    /// <summary>What shim starts, and the lines that send grub on to its menu; a whole menu is not copied, since it would grow old.</summary>
    private static bool IsCompanion(IGuestFiles files, string path)
        => IsProgram(path) ? Array.Exists(Companions, start => Name(path).StartsWith(start, StringComparison.OrdinalIgnoreCase))
            : Name(path) == "grub.cfg" && GrubMenu.Parse(files.ReadText(path) ?? string.Empty).IsStub;

    /// <summary>A directory in whatever case the guest has it: to FAT they are one, to a file tree of a test not.</summary>
    private static IEnumerable<string> Named(IGuestFiles files, string point, string path)
    {
        var parts = path.Split('/');
        return files.List($"{point}/{parts[0]}").Where(name => name.Equals(parts[1], StringComparison.OrdinalIgnoreCase)).Select(name => $"{point}/{parts[0]}/{name}");
    }

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static bool IsProgram(string path) => path.EndsWith(".efi", StringComparison.OrdinalIgnoreCase);

    /// <summary>What the name of the fallback ends with (table 3.2), by the program's own header (PE Format, "Machine Types").</summary>
    /// <param name="program">The program, or its beginning.</param>
    /// <returns><see langword="null"/> for what is no EFI program, or for another architecture.</returns>
    public static string? ArchitectureOf(ReadOnlySpan<byte> program)
    {
        const int PointerOffset = 0x3C;
        if (program.Length < PointerOffset + 4 || !program.StartsWith("MZ"u8))
            return null;
        var header = BinaryPrimitives.ReadInt32LittleEndian(program[PointerOffset..]);
        return header < 0 || header > program.Length - 6 || !program[header..].StartsWith("PE\0\0"u8) ? null
            : BinaryPrimitives.ReadUInt16LittleEndian(program[(header + 4)..]) switch
            {
                0x8664 => "X64",
                0xAA64 => "AA64",
                0x014C => "IA32",
                0x5064 => "RISCV64",
                0x6264 => "LOONGARCH64",
                _ => null,
            };
    }
}
