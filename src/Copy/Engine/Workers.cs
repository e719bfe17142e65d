using System.Runtime.ExceptionServices;

namespace Hyper2Kvm.Copy;

/// <summary>The threads of a run. The first failure ends all of them; none is left when <see cref="Run"/> returns.</summary>
internal sealed class Workers(IReadOnlyList<DiskCopy> disks, int count, TimeProvider time)
{
    private const int StackLength = 256 * 1024;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private readonly Schedule _schedule = new(disks);
    private ExceptionDispatchInfo? _failure;

    internal void Run(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        // Threads wait in the kernel, where no token reaches them: the end of their sockets does. They get a moment to
        // take the answers that are due, see Lane.LeaveSource.
        using var hurry = time.CreateTimer(_ => ShutDown(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var wake = ending.Token.Register(() => hurry.Change(Grace, Timeout.InfiniteTimeSpan));
        var threads = Enumerable.Range(0, count).Select(i => new Thread(() => Work(ending), StackLength) { Name = $"copy {i}", IsBackground = true }).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        cancellation.ThrowIfCancellationRequested();
        _failure?.Throw();
    }

    private void ShutDown()
    {
        foreach (var disk in disks) disk.Shutdown();
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
        new RangeWork(disk).Run(cancellation);
        if (_schedule.Release(disk)) disk.Finish();
    }
}
