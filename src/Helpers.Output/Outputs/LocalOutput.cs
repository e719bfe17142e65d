using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Servers;
using Hyper2Kvm.Helpers.Output.Disks;
using Hyper2Kvm.Helpers.Output.Libvirt;

namespace Hyper2Kvm.Helpers.Output.Outputs;

/// <summary>Disks in a directory, and the guest as libvirt's domain XML beside them (virt-v2v's <c>-o disk</c>, alias <c>local</c>).</summary>
internal sealed class LocalOutput : IOutput
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Options { get; } = DomainOptions.AddTo(LocalDisks.Options);

    /// <inheritdoc/>
    public bool StorageIsDirectory => true;

    /// <inheritdoc/>
    public bool NeedsServers(JobOutput output) => false;

    /// <inheritdoc/>
    public void Check(OutputRun run)
    {
        _ = DomainOptions.VirtTypeOf(run);
        _ = DomainOptions.GuestOf(run);
        LocalDisks.Check(run, run.Storage, XmlName(run));
    }

    /// <inheritdoc/>
    public IReadOnlyList<NbdServer> Setup(OutputRun run)
    {
        LocalDisks.Create(run, run.Storage);
        return [];
    }

    /// <inheritdoc/>
    public void Final(OutputRun run)
    {
        // KVM is what the guest is made for, whatever this host can do: as virt-v2v has it.
        var isKvm = DomainOptions.VirtTypeOf(run) is not "qemu";
        var xml = DomainXml.Build(DomainOptions.GuestOf(run), DiskSource.Files(run), new DomainHost { IsKvm = isKvm });
        PartFile.Write(run.Journal, run.Storage, XmlName(run), xml, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        LocalDisks.Publish(run);
    }

    private static string XmlName(OutputRun run) => $"{run.Guest.Name}.xml";
}
