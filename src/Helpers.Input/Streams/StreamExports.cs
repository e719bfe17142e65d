using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Helpers.Input.Images;
using Hyper2Kvm.Helpers.Input.Servers;
using Hyper2Kvm.Nbd;
using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Helpers.Input.Streams;

/// <summary>The disks that this process serves itself, on the sockets <c>srcN</c>, where others have a qemu-nbd. They end with it.</summary>
/// <param name="context">The step.</param>
internal sealed class StreamExports(StepContext context) : IDisposable
{
    private readonly GrainCache _cache = new(GrainCache.DefaultBytes);
    private readonly List<StreamOptimizedDisk> _disks = [];
    private readonly List<NbdListener> _listeners = [];

    /// <summary>Serves a disk, if it is one that we read ourselves.</summary>
    /// <param name="index">Index of the disk, from 0.</param>
    /// <param name="image">The disk.</param>
    /// <returns>Whether it is served; otherwise QEMU has to.</returns>
    /// <exception cref="StepException">It is damaged, or its socket cannot be made.</exception>
    public bool TryServe(int index, DiskImage image)
    {
        if (image.Stream is not { } path || StreamOptimizedDisk.TryOpen(path, _cache) is not { } disk)
        {
            return false;
        }

        _disks.Add(disk);
        var socket = DiskPipeline.SourceSocket(context.Work, index);
        StaleSocket.Remove(socket);
        try
        {
            _listeners.Add(NbdListener.Start(socket, disk, new NbdListenerOptions { Log = line => context.Log.Warning("disk {Disk}: {Line}", index, line) }));
        }
        catch (NbdConnectionException failure)
        {
            throw new StepException(ErrorCodes.InputServer, failure.Message, inner: failure);
        }

        context.Log.Information("disk {Disk}: grains are inflated by {Library} on {Threads} threads a connection", index, LibdeflateInflater.IsAvailable ? "libdeflate" : "zlib-ng", new NbdListenerOptions().ThreadsPerConnection);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listeners.ForEach(listener => listener.Dispose());
        _disks.ForEach(disk => disk.Dispose());
        _cache.Dispose();
    }
}
