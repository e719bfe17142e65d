using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Guest.Attach;

/// <summary>Attaches all disks of a guest side by side, and tries those again whose server could not be reached for a moment.</summary>
internal sealed class DiskAttachment
{
    private readonly MountNamespace _mounts;
    private readonly GuestDiskSource[] _sources;
    private readonly GuestOptions _options;
    private readonly NbdMount?[] _servers;

    private DiskAttachment(MountNamespace mounts, IReadOnlyList<GuestDiskSource> sources, GuestOptions options)
    {
        _mounts = mounts;
        _options = options;

        // nsenter(1) starts its program in the root directory.
        _sources = [.. sources.Select(source => source with { Path = Path.GetFullPath(source.Path) })];
        _servers = new NbdMount?[_sources.Length];
    }

    /// <summary>Starts what has to be started for each, then waits for each.</summary>
    /// <param name="mounts">The namespace.</param>
    /// <param name="sources">The disks in the guest's order.</param>
    /// <param name="options">How often.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StepException">A disk cannot be attached (<see cref="ErrorCodes.ConvertDisk"/>); none stays attached then.</exception>
    public static IReadOnlyList<AttachedDisk> AttachAll(MountNamespace mounts, IReadOnlyList<GuestDiskSource> sources, GuestOptions options, CancellationToken cancel)
        => new DiskAttachment(mounts, sources, options).AttachAll(cancel);

    private List<AttachedDisk> AttachAll(CancellationToken cancel)
    {
        var attached = new List<AttachedDisk>();
        try
        {
            StartServers(cancel);
            _mounts.LeaveServersBehind();
            for (var index = 0; index < _sources.Length; index++)
            {
                var at = index;
                attached.Add(_mounts.Run(() => AttachedDisk.Open(at, _sources[at], _servers[at])));
            }

            return attached;
        }
        catch
        {
            attached.ForEach(disk => disk.Dispose());
            foreach (var server in _servers.Skip(attached.Count))
            {
                server?.Dispose();
            }

            throw;
        }
    }

    private void StartServers(CancellationToken cancel)
    {
        var left = Enumerable.Range(0, _sources.Length).Where(index => _sources[index].IsSocket).ToList();
        for (var attempt = 1; left.Count > 0; attempt++)
        {
            foreach (var index in left)
            {
                _servers[index] = NbdMount.Start(_mounts, _sources[index], Path.Combine(_mounts.Directory, $"disk{index}"), frugal: attempt > 1);
            }

            var failures = left.Select(index => (Index: index, Failure: Await(index, cancel))).Where(pair => pair.Failure is not null).ToList();
            if (failures.FirstOrDefault(pair => !pair.Failure!.IsTransient || attempt >= _options.Retries.Attempts) is { Failure: { } final } given)
            {
                var tries = attempt > 1 ? $" after {attempt} tries" : string.Empty;
                throw new StepException(ErrorCodes.ConvertDisk, $"disk {given.Index} ({_sources[given.Index].Path}) cannot be attached{tries}: {final.Message}", inner: final, disk: given.Index);
            }

            left = [.. failures.Select(pair => pair.Index)];
            if (left.Count > 0)
            {
                Pause(attempt, failures!, cancel);
            }
        }
    }

    private AttachFailure? Await(int index, CancellationToken cancel)
    {
        try
        {
            _mounts.Run(() => _servers[index]!.WaitUntilReady(cancel));
            return null;
        }
        catch (AttachFailure failure)
        {
            _servers[index]!.Dispose();
            _servers[index] = null;
            return failure;
        }
    }

    private void Pause(int attempt, IReadOnlyList<(int Index, AttachFailure Failure)> failures, CancellationToken cancel)
    {
        var delay = _options.Retries.DelayAfter(attempt, Random.Shared.NextDouble());
        foreach (var (index, failure) in failures)
        {
            _options.OnRetry?.Invoke(new AttachRetry(index, _sources[index].Path, attempt + 1, _options.Retries.Attempts, delay, failure.Message));
        }

        ClockWait.Wait(_options.Clock, delay, cancel);
    }
}
