namespace Hyper2Kvm.Daemon.Watching.Grouping.Formats;

/// <summary>The files of an OVF package.</summary>
/// <remarks>DMTF DSP0243, "Open Virtualization Format Specification", 7.1 (References) and 9.1 (DiskSection).</remarks>
internal static class OvfDescription
{
    /// <summary>Reads them: the disks in the order of the disk section; other files are needed too.</summary>
    /// <param name="name">Name of the description.</param>
    /// <param name="content">Its content.</param>
    /// <exception cref="System.Xml.XmlException">It is no XML.</exception>
    public static Description Read(string name, BoundedFile content)
    {
        var envelope = HostileXml.Read(content);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in envelope.All("References").SelectMany(references => references.All("File")))
        {
            if (file.Value("id") is { } id && file.Value("href") is { } href)
            {
                files.TryAdd(id, href);
            }
        }

        var disks = envelope.All("DiskSection").SelectMany(section => section.All("Disk"))
            .Select(disk => disk.Value("fileRef") is { } id ? files.GetValueOrDefault(id) : null)
            .OfType<string>()
            .Distinct()
            .ToList();
        return new Description
        {
            References =
            [
                .. disks.Select(disk => new Reference(disk, ReferenceRole.Disk)),
                .. files.Values.Except(disks).Select(other => new Reference(other, ReferenceRole.Part)),
                .. FileTypes.CompanionsOf(name).Select(companion => new Reference(companion, ReferenceRole.Optional)),
            ],
        };
    }
}
