using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Guest.Attach;

/// <summary>Attaches all disks of a guest side by side.</summary>
internal static class DiskAttachment
{
    /// <summary>Starts what has to be started for each, then waits for each.</summary>
    /// <param name="mounts">The namespace.</param>
    /// <param name="sources">The disks in the guest's order.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StepException">A disk cannot be attached (<see cref="ErrorCodes.ConvertDisk"/>); none stays attached then.</exception>
    public static IReadOnlyList<AttachedDisk> AttachAll(MountNamespace mounts, IReadOnlyList<GuestDiskSource> sources, CancellationToken cancel)
    {
        // nsenter(1) starts its program in the root directory.
        sources = [.. sources.Select(source => source with { Path = Path.GetFullPath(source.Path) })];
        var pending = new NbdMount?[sources.Count];
        var attached = new List<AttachedDisk>();
        try
        {
            for (var index = 0; index < sources.Count; index++)
            {
                var source = sources[index];
                pending[index] = source.IsSocket ? NbdMount.Start(mounts, index, source, Path.Combine(mounts.Directory, $"disk{index}")) : null;
            }

            foreach (var mount in pending.OfType<NbdMount>())
            {
                mounts.Run(() => mount.WaitUntilReady(cancel));
            }

            mounts.LeaveServersBehind();
            for (var index = 0; index < sources.Count; index++)
            {
                var at = index;
                attached.Add(mounts.Run(() => AttachedDisk.Open(at, sources[at], pending[at])));
            }

            return attached;
        }
        catch
        {
            attached.ForEach(disk => disk.Dispose());
            foreach (var mount in pending.Skip(attached.Count))
            {
                mount?.Dispose();
            }

            throw;
        }
    }
}
