using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Hyper2Kvm.Daemon.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>inotify(7): tells changes of directories. .NET's FileSystemWatcher does not tell when a file is closed.</summary>
internal sealed class Inotify : IDisposable
{
    /// <summary>The queue has overflown: events are lost (IN_Q_OVERFLOW).</summary>
    public const uint Overflow = 0x4000;

    /// <summary>The directory itself is gone, moved, or its file system unmounted (IN_DELETE_SELF, IN_MOVE_SELF, IN_UNMOUNT).</summary>
    public const uint SelfGone = 0x400 | 0x800 | 0x2000;

    /// <summary>An entry is gone (IN_DELETE, IN_MOVED_FROM).</summary>
    public const uint EntryGone = 0x200 | 0x40;

    /// <summary>The watch is over (IN_IGNORED).</summary>
    public const uint WatchOver = 0x8000;

    /// <summary>IN_CLOSE_WRITE, IN_MOVED_TO, IN_CREATE, and what is gone; IN_ONLYDIR, and nothing of files that were unlinked (IN_EXCL_UNLINK).</summary>
    /// <remarks>Not IN_MODIFY: an upload would wake the daemon for every block.</remarks>
    private const uint Mask = 0x8 | 0x80 | 0x100 | EntryGone | 0x400 | 0x800 | 0x01000000 | 0x04000000;

    private const int HeaderBytes = 16;
    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>Opens it.</summary>
    /// <exception cref="IOException">The user has too many (<c>fs.inotify.max_user_instances</c>).</exception>
    public Inotify()
    {
        Handle = NativeMethods.OpenInotify();
        if (Handle.IsInvalid)
        {
            throw new IOException($"inotify cannot be opened: {new Win32Exception(Marshal.GetLastPInvokeError()).Message} (fs.inotify.max_user_instances)");
        }
    }

    /// <summary>Readable when there are events.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Watches a directory; one that is watched already keeps its number.</summary>
    /// <param name="directory">Absolute path.</param>
    /// <returns>The watch's number; <see langword="null"/> where the directory is gone.</returns>
    /// <exception cref="IOException">There are too many watches (<c>fs.inotify.max_user_watches</c>).</exception>
    public int? Watch(string directory)
        => NativeMethods.InotifyAddWatch(Handle, directory, Mask) is var watch and >= 0 ? watch
            : Marshal.GetLastPInvokeError() == NativeMethods.ErrorNoSpace ? throw new IOException("there are too many inotify watches; raise fs.inotify.max_user_watches")
            : null;

    /// <summary>Ends a watch.</summary>
    /// <param name="watch">Its number.</param>
    public void Unwatch(int watch) => _ = NativeMethods.InotifyRemoveWatch(Handle, watch);

    /// <summary>What has happened since the last call; never waits.</summary>
    public unsafe IReadOnlyList<Event> Read()
    {
        var events = new List<Event>();
        fixed (byte* start = _buffer)
        {
            while (NativeMethods.Read(Handle, start, (nuint)_buffer.Length) is var count and > 0)
            {
                // struct inotify_event: wd, mask, cookie, len, name with zeros up to len.
                for (var rest = _buffer.AsSpan(0, (int)count); rest.Length >= HeaderBytes;)
                {
                    var length = BinaryPrimitives.ReadInt32LittleEndian(rest[12..]);
                    var name = Encoding.UTF8.GetString(rest.Slice(HeaderBytes, length).TrimEnd((byte)0));
                    events.Add(new Event(BinaryPrimitives.ReadInt32LittleEndian(rest), BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]), name));
                    rest = rest[(HeaderBytes + length)..];
                }
            }
        }

        return events;
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    /// <summary>Something that happened.</summary>
    /// <param name="Watch">Number of the watch.</param>
    /// <param name="What">Bits of IN_….</param>
    /// <param name="Name">Name in the directory; empty where it is about the directory itself.</param>
    internal readonly record struct Event(int Watch, uint What, string Name);
}
