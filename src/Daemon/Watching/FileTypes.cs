namespace Hyper2Kvm.Daemon.Watching;

/// <summary>What a file name stands for, and which input a conversion is given: the one table of it.</summary>
internal static class FileTypes
{
    /// <summary>Reads disks of any format, told by their content.</summary>
    private const string AnyDisk = "disk";

    private const string SideFileEnding = ".job.yaml";

    private static readonly Dictionary<string, FileType> ByExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        [".vmdk"] = new(FileRole.Disk, "vmdk"),
        [".vhd"] = new(FileRole.Disk, "vhd"),
        [".vpc"] = new(FileRole.Disk, "vhd"),
        [".avhd"] = new(FileRole.Disk, "vhd"),
        [".vhdx"] = new(FileRole.Disk, "vhdx"),
        [".avhdx"] = new(FileRole.Disk, "vhdx"),
        [".vdi"] = new(FileRole.Disk, "vdi"),
        [".qcow2"] = new(FileRole.Disk, AnyDisk),
        [".raw"] = new(FileRole.Disk, AnyDisk),
        [".img"] = new(FileRole.Disk, AnyDisk),
        [".ova"] = new(FileRole.Appliance, "ova"),

        // Of these, today's inputs are given the disks that they name.
        [".ovf"] = new(FileRole.Guest, null),
        [".vmx"] = new(FileRole.Guest, null),
        [".vbox"] = new(FileRole.Guest, null),

        // Beside a description of the same name.
        [".mf"] = new(FileRole.Companion, null),
        [".cert"] = new(FileRole.Companion, null),
        [".nvram"] = new(FileRole.Companion, null),
        [".vmsd"] = new(FileRole.Companion, null),
        [".vmxf"] = new(FileRole.Companion, null),
        [".vbox-prev"] = new(FileRole.Companion, null),
    };

    private static readonly string[] CompanionEndings = [.. ByExtension.Where(type => type.Value.Role == FileRole.Companion).Select(type => type.Key)];

    /// <summary>What a file name stands for.</summary>
    /// <param name="name">File name or path.</param>
    public static FileType Of(string name)
        => name.EndsWith(SideFileEnding, StringComparison.OrdinalIgnoreCase)
            ? new FileType(FileRole.SideFile, null)
            : ByExtension.GetValueOrDefault(Path.GetExtension(name), new FileType(FileRole.Unknown, null));

    /// <summary>Input type of a guest: that of its sources where they are of one, else the one that looks at each.</summary>
    /// <param name="sources">What the conversion is given.</param>
    public static string InputTypeOf(IEnumerable<SeenFile> sources)
        => sources.Select(source => source.Type.InputType ?? AnyDisk).Distinct().ToList() is [var only] ? only : AnyDisk;

    /// <summary>Name of the side file of a guest.</summary>
    /// <param name="guest">Name of the guest.</param>
    public static string SideFileOf(string guest) => guest + SideFileEnding;

    /// <summary>Names of the files that may stand beside a description, and go with it.</summary>
    /// <param name="description">File name of the description.</param>
    public static IEnumerable<string> CompanionsOf(string description)
        => CompanionEndings.Select(ending => Path.GetFileNameWithoutExtension(description) + ending);
}
