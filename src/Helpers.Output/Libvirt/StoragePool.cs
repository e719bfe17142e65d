using System.Xml;
using System.Xml.Linq;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Output.Libvirt;

/// <summary>A storage pool whose volumes are files of one directory (libvirt.org/storage.html, types dir, fs and netfs).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Directory">Its directory.</param>
internal sealed record StoragePool(string Name, string Directory)
{
    /// <summary>Finds a pool that can take our disks.</summary>
    /// <param name="libvirt">Where.</param>
    /// <param name="name">Its name (<c>-os</c>).</param>
    /// <exception cref="StepException">There is none of the name, it is not started, or of another type (<see cref="ErrorCodes.OutputLibvirt"/>).</exception>
    public static StoragePool Find(Virsh libvirt, string name)
    {
        var all = libvirt.Pools(activeOnly: false);
        if (!all.Contains(name))
        {
            throw new StepException(
                ErrorCodes.OutputLibvirt,
                $"libvirt at {libvirt.Uri} has no storage pool '{name}'; it has {(all.Count == 0 ? "none" : string.Join(", ", all))}",
                $"Name one with -os, or make it: virsh -c '{libvirt.Uri}' pool-create-as '{name}' dir --target DIR.");
        }

        if (!libvirt.Pools(activeOnly: true).Contains(name))
        {
            throw new StepException(ErrorCodes.OutputLibvirt, $"the storage pool '{name}' is not started", $"virsh -c '{libvirt.Uri}' pool-start '{name}'");
        }

        try
        {
            var root = XDocument.Parse(libvirt.PoolXml(name)).Root!;
            var type = (string?)root.Attribute("type");
            var directory = (string?)root.Element("target")?.Element("path");
            return type is "dir" or "fs" or "netfs" && directory is { Length: > 0 }
                ? new StoragePool(name, directory)
                : throw new StepException(
                    ErrorCodes.OutputLibvirt,
                    $"the storage pool '{name}' is of type {type}; disks can be made in a pool of type dir, fs or netfs",
                    "Choose another pool with -os (virsh pool-list --all --details).");
        }
        catch (XmlException broken)
        {
            throw new StepException(ErrorCodes.OutputLibvirt, $"the XML of the storage pool '{name}' cannot be read: {broken.Message}", inner: broken);
        }
    }
}
