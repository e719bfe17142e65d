using System.Xml;
using Hyper2Kvm.Daemon.Watching.Grouping.Formats;

namespace Hyper2Kvm.Daemon.Watching.Grouping;

/// <summary>Reads what files say of others. Their content is hostile: what is read is bounded, nothing that they name is opened here.</summary>
internal static class Descriptions
{
    // Folders of an export of Hyper-V.
    private const string HypervMachines = "Virtual Machines";
    private const string HypervSnapshots = "Snapshots";

    /// <summary>Whether a file describes a guest.</summary>
    /// <param name="file">Any file.</param>
    public static bool DescribesGuest(SeenFile file) => file.Type.Role == FileRole.Guest || Path.GetExtension(file.Name).ToLowerInvariant() switch
    {
        ".vmcx" => !IsIn(HypervSnapshots, file.Name),
        ".xml" => IsIn(HypervMachines, file.Name),
        _ => false,
    };

    /// <summary>Reads one.</summary>
    /// <param name="file">Any file.</param>
    public static Description Read(SeenFile file)
    {
        try
        {
            using var content = new BoundedFile(file.Path);
            return Read(file, file.Name, content);
        }
        catch (Exception damaged) when (damaged is IOException or XmlException or FormatException or UnauthorizedAccessException)
        {
            // A disk is the conversion's to judge, which tells what is wrong with it; a guest cannot even be put together.
            return DescribesGuest(file)
                ? new Description { Problem = $"{file.Name} cannot be read as a description of a guest ({damaged.Message}); bring it again, with all its files" }
                : Description.None;
        }
    }

    private static bool IsIn(string folder, string name) => folder.Equals(Path.GetFileName(Path.GetDirectoryName(name)), StringComparison.OrdinalIgnoreCase);

    private static Description Read(SeenFile file, string name, BoundedFile content) => Path.GetExtension(name).ToLowerInvariant() switch
    {
        ".vmdk" => VmdkDescription.Read(name, content),
        ".vhd" or ".vpc" or ".avhd" => VhdParent.Read(content),
        ".vhdx" or ".avhdx" => VhdxParent.Read(content),
        ".qcow2" => Qcow2Backing.Read(content),
        ".ovf" => OvfDescription.Read(name, content),
        ".vmx" => VmxDescription.Read(name, content),
        ".vbox" => VboxDescription.Read(name, content),
        ".vmcx" => new Description { LeavesDisksOpen = true },
        ".xml" when DescribesGuest(file) => HypervDescription.Read(content),
        _ => Description.None,
    };
}
