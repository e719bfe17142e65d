using System.Xml.Linq;

namespace Hyper2Kvm.Daemon.Watching.Grouping.Formats;

/// <summary>The disks of a machine of VirtualBox.</summary>
/// <remarks>VirtualBox, src/VBox/Main/xml/VirtualBox-settings.xsd: MediaRegistry, StorageControllers.</remarks>
internal static class VboxDescription
{
    /// <summary>Reads them: what hangs on the machine as it is now, in the order of its controllers; the parents of its snapshots are needed too.</summary>
    /// <param name="name">Name of the description.</param>
    /// <param name="content">Its content.</param>
    /// <exception cref="System.Xml.XmlException">It is no XML.</exception>
    public static Description Read(string name, BoundedFile content)
    {
        var media = new Dictionary<string, XElement>(StringComparer.OrdinalIgnoreCase);
        var machine = HostileXml.Read(content).All("Machine").FirstOrDefault() ?? throw new FormatException("there is no machine in it");
        foreach (var medium in machine.All("HardDisks").SelectMany(registry => registry.All("HardDisk")))
        {
            media.TryAdd(medium.Value("uuid") ?? "", medium);
        }

        // The machine's own controllers: those of its snapshots stand below Snapshot.
        var attached = machine.All("AttachedDevice")
            .Where(device => device.Value("type") == "HardDisk" && device.Ancestors().All(above => above.Name.LocalName != "Snapshot"))
            .Select(device => device.All("Image").FirstOrDefault()?.Value("uuid"))
            .Select(uuid => uuid is null ? null : media.GetValueOrDefault(uuid))
            .OfType<XElement>()
            .ToList();
        return new Description
        {
            References =
            [
                .. attached.Select(disk => Refer(disk, ReferenceRole.Disk)),
                .. attached.SelectMany(disk => disk.Ancestors()).Where(above => above.Name.LocalName == "HardDisk").Distinct().Select(parent => Refer(parent, ReferenceRole.Part)),
                .. FileTypes.CompanionsOf(name).Select(companion => new Reference(companion, ReferenceRole.Optional)),
            ],
        };
    }

    private static Reference Refer(XElement medium, ReferenceRole role) => new(medium.Value("location") ?? "", role);
}
