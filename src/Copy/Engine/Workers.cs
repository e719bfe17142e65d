using System.Runtime.ExceptionServices;

namespace Hyper2Kvm.Copy;

/// <summary>The threads of a run. The first failure ends all of them; none is left when <see cref="Run"/> returns.</summary>
internal sealed class Workers(IReadOnlyList<DiskCopy> disks, int count)
{
    private const int StackLength = 256 * 1024;
    private readonly Schedule _schedule = new(disks);
    private ExceptionDispatchInfo? _failure;

    internal void Run(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        // Threads wait in the kernel, where no token reaches them: the end of their sockets does.
        using var wake = ending.Token.Register(() =>
        {
            foreach (var disk in disks) disk.Shutdown();
        });
        var threads = Enumerable.Range(0, count).Select(i => new Thread(() => Work(ending), StackLength) { Name = $"copy {i}", IsBackground = true }).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        cancellation.ThrowIfCancellationRequested();
        _failure?.Throw();
    }

    private void Work(CancellationTokenSource ending)
    {
        try
        {
            while (!ending.IsCancellationRequested && _schedule.Take() is { } disk) CopyOneRange(disk, ending.Token);
        }
        catch (Exception e)
        {
            // Whatever it is, it must reach the caller and not end the process from a thread. Those after the first are its consequences.
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
            ending.Cancel();
        }
    }

    private void CopyOneRange(DiskCopy disk, CancellationToken cancellation)
    {
        var lane = disk.RentLane();
        if (disk.TakeRange(lane) is { } range) lane.Copy(range, cancellation);
        disk.ReturnLane(lane);
        if (_schedule.Release(disk)) disk.Finish();
    }
}
