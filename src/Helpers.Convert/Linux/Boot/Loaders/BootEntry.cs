namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>One entry of a bootloader's menu that starts a kernel.</summary>
/// <param name="Id">What the bootloader calls it where a default is set.</param>
/// <param name="Image">Path in the guest of the kernel that it starts; <see langword="null"/> where no file is there.</param>
/// <param name="Initramfs">Paths in the guest of what it loads with it, in order; those that are there.</param>
internal sealed record BootEntry(string Id, string? Image, IReadOnlyList<string> Initramfs)
{
    /// <summary>What it loads with the kernel and is not there, as the entry has it.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];

    /// <summary>Arguments of the kernel, the bootloader's variables put in; empty for a unified image, which has its own.</summary>
    public string Arguments { get; init; } = string.Empty;

    /// <summary>Makes one from what an entry names.</summary>
    /// <param name="id">What the bootloader calls it.</param>
    /// <param name="image">Path in the guest of the kernel; <see langword="null"/> where no file is there.</param>
    /// <param name="initramfs">What it loads with it, as the entry has it.</param>
    /// <param name="find">Finds such a file in the guest.</param>
    /// <param name="arguments">Arguments of the kernel.</param>
    public static BootEntry Of(string id, string? image, IEnumerable<string> initramfs, Func<string, string?> find, string arguments)
    {
        var found = initramfs.Where(name => name.Length > 0).Select(name => (Name: name, Path: find(name))).ToList();
        return new BootEntry(id, image, [.. found.Select(file => file.Path).OfType<string>()])
        {
            Absent = [.. found.Where(file => file.Path is null).Select(file => file.Name)],
            Arguments = arguments,
        };
    }
}
