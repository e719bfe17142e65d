using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Probing;
using Hyper2Kvm.Guest.Volumes;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>Swap on which a Linux is hibernated: what it saved holds its file systems as they were, and would be written over what is changed now.</summary>
internal static class HibernatedSwap
{
    private const string SafeWay = "Start the guest and shut it down fully, then export it again. --force-hibernated goes on and throws the hibernated session away.";

    /// <summary>Requires that no system is hibernated on a guest that is to be written.</summary>
    /// <param name="volumes">All its volumes.</param>
    /// <exception cref="StepException">One is (<see cref="ErrorCodes.ConvertMount"/>).</exception>
    public static void RequireNone(IEnumerable<GuestVolume> volumes)
    {
        if (volumes.FirstOrDefault(IsOne) is { } hibernated)
        {
            throw new StepException(ErrorCodes.ConvertMount, $"the guest is hibernated on {hibernated.Device}: its file systems are in use by the session that is saved there", SafeWay, disk: hibernated.Disk);
        }
    }

    /// <summary>Makes plain swap of it again, so that the session cannot be resumed (Linux, kernel/power/swap.c: swsusp_unmark).</summary>
    /// <param name="volumes">All volumes of the guest.</param>
    /// <returns>Those that were.</returns>
    /// <exception cref="StepException">It cannot be written (<see cref="ErrorCodes.ConvertDisk"/> or <see cref="ErrorCodes.ConvertMount"/>).</exception>
    public static IReadOnlyList<GuestVolume> Discard(IEnumerable<GuestVolume> volumes)
    {
        var hibernated = volumes.Where(IsOne).ToList();
        foreach (var volume in hibernated)
        {
            var map = volume.Map!;
            if (map.IsReadOnly)
            {
                throw new StepException(ErrorCodes.ConvertMount, $"the guest is hibernated on {volume.Device}, which cannot be written: {map.WriteRefusal ?? "its disk can only be read"}", disk: volume.Disk);
            }

            var head = new byte[ContainerFormats.LargestPage];
            _ = map.ReadAt(head, 0);
            if (ContainerFormats.SuspendedPage(head) is { } page)
            {
                var writer = new MapWriter(map);
                writer.Write(ContainerFormats.SignatureBefore(head.AsSpan(0, page)), page - ContainerFormats.SwapSignatureBytes);
                writer.Flush();
            }
        }

        return hibernated;
    }

    private static bool IsOne(GuestVolume volume) => volume is { Content: ContainerFormats.HibernatedSwap, Map: not null };
}
