namespace Hyper2Kvm.Daemon.Watching.Grouping.Formats;

/// <summary>The disks of a machine of Hyper-V up to Windows Server 2012 R2, whose description is XML. Newer ones (.vmcx) have a binary one that Microsoft does not document.</summary>
internal static class HypervDescription
{
    /// <summary>Reads them: <c>pathname</c> elements, paths of the host that it came from.</summary>
    /// <param name="content">The description.</param>
    /// <exception cref="System.Xml.XmlException">It is no XML.</exception>
    public static Description Read(BoundedFile content) => new()
    {
        References =
        [
            .. HostileXml.Read(content).All("pathname")
                .Select(element => element.Value)
                .Where(path => Path.GetExtension(path).ToLowerInvariant() is ".vhd" or ".vhdx" or ".avhd" or ".avhdx")
                .Distinct()
                .Select(path => new Reference(path, ReferenceRole.Disk, ByFileName: true)),
        ],
    };
}
