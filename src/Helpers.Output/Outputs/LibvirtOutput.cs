using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Servers;
using Hyper2Kvm.Helpers.Output.Disks;
using Hyper2Kvm.Helpers.Output.Libvirt;
using Hyper2Kvm.Helpers.Output.Undo;

namespace Hyper2Kvm.Helpers.Output.Outputs;

/// <summary>Volumes in a storage pool and a defined domain of a libvirt on this host.</summary>
internal sealed class LibvirtOutput : IOutput
{
    private const string DefaultPool = "default";

    /// <summary>The XML that was defined; among the logs, which outlive a failed run, to look at when libvirt refuses it.</summary>
    private const string XmlName = "logs/domain.xml";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Options { get; } = DomainOptions.AddTo(LocalDisks.Options);

    /// <inheritdoc/>
    public bool StorageIsDirectory => false;

    /// <inheritdoc/>
    public bool NeedsServers(JobOutput output) => false;

    /// <inheritdoc/>
    public void Check(OutputRun run)
    {
        var virtType = DomainOptions.VirtTypeOf(run);
        var guest = DomainOptions.GuestOf(run);
        var libvirt = LibvirtOf(run);
        var pool = StoragePool.Find(libvirt, PoolOf(run));
        CheckDomainIsNew(libvirt, guest);
        DomainCapabilities.Of(libvirt, virtType, guest.Capabilities).Check(guest);
        LocalDisks.Check(run, pool.Directory);
    }

    /// <inheritdoc/>
    public IReadOnlyList<NbdServer> Setup(OutputRun run)
    {
        var libvirt = LibvirtOf(run);
        var pool = StoragePool.Find(libvirt, PoolOf(run));
        run.Journal.Append(new UndoRecord { Act = UndoAct.Pool, Uri = libvirt.Uri, Pool = pool.Name });
        LocalDisks.Create(run, pool.Directory);
        return [];
    }

    /// <inheritdoc/>
    public void Final(OutputRun run)
    {
        var libvirt = LibvirtOf(run);
        var pool = PoolOf(run);
        var guest = DomainOptions.GuestOf(run);
        guest = guest with { Uuid = guest.Uuid ?? Guid.NewGuid() };
        var isKvm = DomainCapabilities.Of(libvirt, DomainOptions.VirtTypeOf(run), guest.Capabilities).IsKvm;
        var xml = DomainXml.Build(guest, DiskSource.Volumes(run, pool), new DomainHost { IsKvm = isKvm });
        var file = run.Work.File(XmlName);
        AtomicFile.Write(file, System.Text.Encoding.UTF8.GetBytes(xml));

        LocalDisks.Publish(run);
        libvirt.RefreshPool(pool);

        // Again: defining a name that exists would change that domain, and hours may lie between setup and now.
        CheckDomainIsNew(libvirt, guest);
        run.Journal.Append(new UndoRecord { Act = UndoAct.Define, Uri = libvirt.Uri, Domain = guest.Name, Uuid = guest.Uuid });
        libvirt.Define(file, guest.Name);
    }

    private static Virsh LibvirtOf(OutputRun run) => new(run.Job.Output.Connection ?? Virsh.DefaultUri, run.Context.Cancel);

    private static string PoolOf(OutputRun run) => run.Job.Output.Storage ?? DefaultPool;

    private static void CheckDomainIsNew(Virsh libvirt, TargetMetadata guest)
    {
        if (libvirt.DomainNames().Contains(guest.Name))
        {
            throw new StepException(
                ErrorCodes.OutputExists,
                $"libvirt at {libvirt.Uri} has a domain '{guest.Name}' already",
                $"Choose another name with -on, or remove it: virsh -c '{libvirt.Uri}' undefine '{guest.Name}'.");
        }

        if (guest.Uuid is { } uuid && libvirt.DomainUuids().Contains(uuid))
        {
            throw new StepException(
                ErrorCodes.OutputExists,
                $"libvirt at {libvirt.Uri} has a domain with the UUID {uuid} of '{guest.Name}' already",
                $"The guest was converted before under another name; see: virsh -c '{libvirt.Uri}' domname {uuid}.");
        }
    }
}
