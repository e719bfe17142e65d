using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>A private mount namespace, held by one thread: what is mounted in it is seen by nobody else and dies with this process.</summary>
/// <remarks>
/// unshare(2) of a mount namespace works on one thread of many, and threads that it starts share it (clone(2)). So no program has
/// to start anew under unshare(1), which would cost a second start of the runtime (40 ms), and a library can use it in any process.
/// Whatever names a path in it runs on its threads; once a file is open, any thread may use it, since openat2(2) goes from an open directory.
/// Children are put inside by nsenter(1).
/// <para>
/// There are two, one after the other. The servers of the disks (nbdfuse) and of file systems (ntfs-3g) start in the first; then <see cref="LeaveServersBehind"/> makes the second, a copy,
/// and file systems are mounted only there. A process that is killed unmounts what its namespace alone still holds, while it exits and before
/// its /dev/fuse is closed: an nbdfuse that was the last in a namespace with an ext4 on its own file waited for itself for ever, unkillable, and
/// sync(2) of the whole host with it (seen on Linux 6.18: do_exit, cleanup_mnt, ext4_sync_fs, jbd2_log_wait_commit).
/// </para>
/// </remarks>
internal sealed class MountNamespace : IDisposable
{
    [ThreadStatic]
    private static MountNamespace? _current;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly bool _isSecondThread;
    private readonly Lock _serversGate = new();
    private MountNamespace? _servers;
    private bool _fuseBlockHidden;
    private int _threadId;

    private MountNamespace(string directory, bool isSecondThread = false)
    {
        Directory = directory;
        _isSecondThread = isSecondThread;
        _thread = new Thread(() =>
        {
            _current = this;
            _threadId = NativeMethods.ThreadId();
            foreach (var action in _work.GetConsumingEnumerable())
            {
                action();
            }
        })
        {
            IsBackground = true,
            Name = "guest mounts",
        };
    }

    /// <summary>A directory that is a small tmpfs of the namespace: mount points are made there, nothing of it is seen or left on the host.</summary>
    public string Directory { get; }

    /// <summary>The namespace that servers were left behind in: what is started there later is with them, and what is mounted there is not seen here.</summary>
    /// <remarks>Files are opened there and used anywhere. Before <see cref="LeaveServersBehind"/> there is only this one.</remarks>
    public MountNamespace Servers => _servers ?? this;

    /// <summary>Makes a namespace.</summary>
    /// <param name="directory">A directory to use; made where it is missing, removed by <see cref="Dispose"/>.</param>
    /// <exception cref="StepException">This user may not (<see cref="ErrorCodes.HostPermission"/>).</exception>
    public static MountNamespace Create(string directory)
    {
        System.IO.Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var mounts = new MountNamespace(Path.GetFullPath(directory));
        mounts._thread.Start();
        try
        {
            mounts.Run(mounts.Unshare);
            return mounts;
        }
        catch
        {
            mounts.Dispose();
            throw;
        }
    }

    /// <summary>Runs something inside; exceptions come through.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="body">What to run.</param>
    public T Run<T>(Func<T> body)
    {
        T result = default!;
        Run(() => { result = body(); });
        return result;
    }

    /// <summary>Runs something inside; exceptions come through.</summary>
    /// <param name="body">What to run.</param>
    public void Run(Action body)
    {
        if (_current == this)
        {
            body();
            return;
        }

        ExceptionDispatchInfo? failure = null;
        using var done = new ManualResetEventSlim();
        _work.Add(() =>
        {
            failure = Capture(body);
            done.Set();
        });
        done.Wait();
        failure?.Throw();
    }

    /// <summary>Runs several things inside, side by side; all end before the first exception comes through.</summary>
    /// <param name="bodies">What to run.</param>
    /// <param name="workers">Most threads at once.</param>
    public void RunAll(IReadOnlyList<Action> bodies, int workers)
    {
        if (bodies.Count < 2 || workers < 2)
        {
            foreach (var body in bodies)
            {
                Run(body);
            }

            return;
        }

        var next = -1;
        var failures = new ExceptionDispatchInfo?[bodies.Count];
        void Work()
        {
            _current = this;
            int index;
            while ((index = Interlocked.Increment(ref next)) < bodies.Count)
            {
                failures[index] = Capture(bodies[index]);
            }
        }

        // Started on the namespace's thread: a thread is in the namespace of the one that starts it.
        Run(() =>
        {
            var threads = Enumerable.Range(0, Math.Min(workers, bodies.Count)).Select(_ => new Thread(Work) { IsBackground = true, Name = "guest mounts" }).ToArray();
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
        });
        failures.FirstOrDefault(failure => failure is not null)?.Throw();
    }

    /// <summary>Goes on in a copy of the namespace, in which the servers that were started so far are not. Nothing of a guest may be mounted before.</summary>
    /// <exception cref="StepException">This user may not (<see cref="ErrorCodes.HostPermission"/>).</exception>
    public void LeaveServersBehind()
        => Run(() =>
        {
            // Started here, on this thread, it is in the namespace that we leave.
            _servers = new MountNamespace(Directory, isSecondThread: true);
            _servers._thread.Start();
            _servers.Run(() => { });
            Check(NativeMethods.Unshare(NativeMethods.UnshareMounts), "a mount namespace for the guest's file systems cannot be made");
        });

    /// <summary>Shows the servers' namespace a kernel without the file system type fuseblk, so that a FUSE server there takes plain fuse. Runs there.</summary>
    /// <remarks>
    /// Unmounting fuseblk waits for its server, even when that is the very process which is ending (fuse_send_destroy). ntfs-3g takes fuse
    /// for a block device only where /proc/filesystems has no fuseblk.
    /// </remarks>
    public void HideFuseBlock()
    {
        const string Kinds = "/proc/filesystems";
        lock (_serversGate)
        {
            if (!_fuseBlockHidden)
            {
                var path = Path.Combine(Directory, "filesystems");
                File.WriteAllLines(path, File.ReadLines(Kinds).Where(line => !line.EndsWith("fuseblk", StringComparison.Ordinal)));
                Check(NativeMethods.Mount(path, Kinds, null, NativeMethods.MountBind, null), "fuseblk cannot be hidden");
                _fuseBlockHidden = true;
            }
        }
    }

    /// <summary>The same command, to be run inside.</summary>
    /// <param name="command">A command.</param>
    public Command Inside(Command command) => Within(command, $"/proc/{Environment.ProcessId}/task/{_threadId}/ns/mnt");

    /// <inheritdoc/>
    public void Dispose()
    {
        _servers?.Dispose();
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
        if (!_isSecondThread && System.IO.Directory.Exists(Directory))
        {
            System.IO.Directory.Delete(Directory);
        }
    }

    private static Command Within(Command command, string target)
    {
        // One that is not installed goes through as it is: starting it tells which package it is in.
        return ToolPackages.Find(command.Program) is not { } program ? command : command with
        {
            Program = "nsenter",
            Arguments = [$"--mount={target}", "--", program, .. command.Arguments],
        };
    }

    private static ExceptionDispatchInfo? Capture(Action body)
    {
        try
        {
            body();
            return null;
        }
        catch (Exception failure)
        {
            return ExceptionDispatchInfo.Capture(failure);
        }
    }

    private static void Check(int result, string what)
    {
        if (result != 0)
        {
            var errno = SystemError.Last;
            throw new StepException(ErrorCodes.HostPermission, $"{what}: {SystemError.Text(errno)}", "Run as root: the file systems of the guest are mounted in a mount namespace of their own.");
        }
    }

    private void Unshare()
    {
        Check(NativeMethods.Unshare(NativeMethods.UnshareMounts), "a private mount namespace cannot be made");

        // Slave rather than private: our mounts stay here, but what the host unmounts goes away here too, so that we never keep a device of the host busy.
        Check(NativeMethods.Mount("none", "/", null, NativeMethods.MountRecursive | NativeMethods.MountSlave, null), "the mount namespace cannot be made private");
        Check(
            NativeMethods.Mount("hyper2kvm", Directory, "tmpfs", NativeMethods.MountNoSuid | NativeMethods.MountNoDevices | NativeMethods.MountNoExecute, "mode=0700,size=1m"),
            $"no tmpfs can be mounted on {Directory}");
    }
}
