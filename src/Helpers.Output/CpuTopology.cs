using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Helpers.Output;

/// <summary>How the processors of a guest are arranged.</summary>
/// <param name="Sockets">Sockets.</param>
/// <param name="Cores">Cores a socket.</param>
/// <param name="Threads">Threads a core.</param>
internal sealed record CpuTopology(int Sockets, int Cores, int Threads)
{
    /// <summary>The source's topology, where it has one that gives its number of processors; libvirt and QEMU refuse any other.</summary>
    /// <param name="cpu">Processors of the guest.</param>
    public static CpuTopology? Of(CpuMetadata cpu)
    {
        if (cpu.Sockets is null && cpu.Cores is null && cpu.Threads is null)
        {
            return null;
        }

        var threads = cpu.Threads ?? 1;
        var cores = cpu.Cores ?? Math.Max(1, cpu.Count / (threads * (cpu.Sockets ?? 1)));
        var sockets = cpu.Sockets ?? Math.Max(1, cpu.Count / (threads * cores));
        return (long)sockets * cores * threads == cpu.Count ? new CpuTopology(sockets, cores, threads) : null;
    }
}
