using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>Each kernel that the menu offers is there, and finds its root disk on the target: its drivers are built in, or in an initramfs that can be read to its end.</summary>
/// <remarks>What is wrong with the entry that starts where nobody chooses is an error; with any other, a warning.</remarks>
internal sealed class BootEntriesCheck : IGuestCheck
{
    private const string InitramfsCheck = "initramfs";

    /// <inheritdoc/>
    public string Name => "kernel";

    /// <inheritdoc/>
    public void Check(VerifiedGuest guest, Findings findings, CancellationToken cancel)
    {
        var path = guest.Bootloader.ConfigurationPath;
        if (guest.Bootloader.Default is not { } started)
        {
            findings.Error(Name, path, $"the menu of {guest.Bootloader.Name} starts no kernel", "Make the menu anew in the guest (update-grub, grub2-mkconfig, bootctl), and convert again.");
            return;
        }

        // The recovery entry and its like start the same files once more.
        foreach (var entry in Bootloaders.DefaultFirst(guest.Bootloader).DistinctBy(entry => $"{entry.Image} {string.Join(' ', entry.Initramfs)} {string.Join(' ', entry.Absent)}"))
            Check(guest, entry, entry == started, findings, cancel);
    }

    private void Check(VerifiedGuest guest, BootEntry entry, bool isDefault, Findings findings, CancellationToken cancel)
    {
        if (entry.Image is not { } image)
        {
            findings.Add(isDefault, Name, entry.Id, "the entry starts a kernel whose file is not there", $"Make the menu anew in the guest, or correct {guest.Bootloader.ConfigurationPath} there.");
        }
        else if (guest.Files.Status(image) is { Length: 0 })
        {
            findings.Add(isDefault, Name, image, "the kernel is an empty file", "Install the kernel's package again in the guest.");
        }
        else if (guest.Kernels.FirstOrDefault(kernel => kernel.Images.Contains(image)) is { } kernel)
        {
            Check(guest, entry, kernel, isDefault, findings, cancel);
        }
        else if (isDefault)
        {
            findings.Error(Name, image, "the kernel that is started has no modules in /lib/modules: what its initramfs needs cannot be told", "Install the kernel's package again in the guest, or make another kernel the default.");
        }
    }

    private void Check(VerifiedGuest guest, BootEntry entry, InstalledKernel kernel, bool isDefault, Findings findings, CancellationToken cancel)
    {
        var rebuild = $"Run {RebuildCommand.Of(guest.Files, kernel.Version)} in the guest.";
        foreach (var name in entry.Absent)
            findings.Add(isDefault && entry.Initramfs.Count == 0, InitramfsCheck, entry.Id, $"the entry loads {name}, which is not there", rebuild);
        if (entry.Absent.Count > 0 && entry.Initramfs.Count == 0)
            return;
        if (entry.Image is { } image && UnifiedImage.IsNamedAs(image) && guest.Unified(image) is not { Initramfs: not null })
        {
            findings.Add(isDefault, Name, image, "it is no unified kernel image with an initramfs", rebuild);
            return;
        }

        if (Lacking(guest, entry, kernel, (path, damaged) => findings.Add(isDefault, InitramfsCheck, path, damaged.Message, damaged.Hint ?? rebuild), cancel) is { Count: > 0 } lacking)
        {
            findings.Add(
                isDefault,
                InitramfsCheck,
                entry.Initramfs.Count > 0 ? entry.Initramfs[^1] : entry.Image!,
                $"the kernel {kernel.Version} {(entry.Initramfs.Count > 0 ? "has" : "is started without an initramfs, and has")} no {string.Join(", ", lacking)} for its root disk",
                $"Convert the guest, or build its initramfs anew with these drivers. {rebuild}");
        }
    }

    /// <summary>Drivers of the root disk that are neither built in nor in any of the entry's initramfs files; none where one of these cannot be read, which is told instead.</summary>
    private static List<string> Lacking(VerifiedGuest guest, BootEntry entry, InstalledKernel kernel, Action<string, InitramfsFormatException> tell, CancellationToken cancel)
    {
        var lacking = kernel.Modules.Closure(guest.Block.RootModules).Select(ModuleName.Of).Where(name => !kernel.Modules.IsBuiltIn(name)).Concat(guest.Block.RootModules.Where(name => !kernel.Modules.Has(name))).ToList();
        var unreadable = false;
        foreach (var (path, file) in Files(guest, entry))
        {
            if (guest.Input.Checked.Contains(kernel.Version, file.Span))
            {
                lacking.Clear();
                continue;
            }

            try
            {
                var missing = new InitramfsDrivers(guest.Files, kernel, InitramfsImage.Read(file, cancel)).Missing(guest.Block.RootModules).Select(ModuleName.Of).ToList();
                lacking.RemoveAll(name => kernel.Modules.Has(name) && !missing.Contains(name));
            }
            catch (InitramfsFormatException damaged)
            {
                unreadable = true;
                tell(path, damaged);
            }
        }

        return unreadable ? [] : lacking;
    }

    /// <summary>What is loaded as the initramfs: files that are unpacked one after another, or a part of a unified image.</summary>
    private static IEnumerable<(string Path, ReadOnlyMemory<byte> File)> Files(VerifiedGuest guest, BootEntry entry)
        => UnifiedImage.IsNamedAs(entry.Image!)
            ? [(entry.Image!, guest.Unified(entry.Image!)!.Initramfs!.Value)]
            : entry.Initramfs.Select(path => (path, (ReadOnlyMemory<byte>)guest.Files.ReadBounded(path, InitramfsStep.LargestFile)));
}
