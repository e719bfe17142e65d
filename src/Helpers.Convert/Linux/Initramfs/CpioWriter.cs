using System.Text;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Writes cpio archives of the format newc. What was read is written as it stood; new entries belong to root.</summary>
internal sealed class CpioWriter : IDisposable
{
    /// <summary>cpio(1) fills its output to blocks of this length; so do we, so that an archive passes through us unchanged.</summary>
    private const int BlockLength = 512;

    private const uint RegularFile = 0x81A4;
    private const uint PlainDirectory = 0x41ED;

    private readonly MemoryStream _output;
    private uint _nextInode;

    /// <summary>Starts an archive.</summary>
    /// <param name="firstInode">Inode number of the first new entry: above all that are in the archive, so that no two entries look like hard links.</param>
    /// <param name="capacity">Expected length.</param>
    public CpioWriter(uint firstInode, int capacity = 1 << 20)
    {
        _nextInode = firstInode;
        _output = new MemoryStream(capacity);
    }

    /// <summary>Adds an entry as it stood in another archive.</summary>
    /// <param name="entry">The entry.</param>
    public void Add(CpioEntry entry)
    {
        _output.Write(entry.Raw.Span);
        Pad(4);
    }

    /// <summary>Adds a new regular file, mode 0644 unless told otherwise.</summary>
    public void AddFile(string path, uint modifiedSeconds, ReadOnlySpan<byte> content, uint mode = RegularFile) => Write(path, mode, 1, modifiedSeconds, content, _nextInode++);

    /// <summary>Adds a new directory, mode 0755.</summary>
    public void AddDirectory(string path, uint modifiedSeconds) => Write(path, PlainDirectory, 2, modifiedSeconds, [], _nextInode++);

    /// <summary>Ends the archive.</summary>
    /// <returns>All of it.</returns>
    public byte[] Finish()
    {
        Write(CpioEntry.TrailerName, 0, 1, 0, [], 0);
        Pad(BlockLength);
        return _output.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();

    private void Write(string name, uint mode, uint links, uint modifiedSeconds, ReadOnlySpan<byte> content, uint inode)
    {
        var nameBytes = Encoding.Latin1.GetBytes(name);
        uint[] fields = [inode, mode, 0, 0, links, modifiedSeconds, (uint)content.Length, 0, 0, 0, 0, (uint)nameBytes.Length + 1, 0];
        _output.Write("070701"u8);
        foreach (var field in fields)
            _output.Write(Encoding.ASCII.GetBytes(field.ToString("X8")));
        _output.Write(nameBytes);
        _output.WriteByte(0);
        Pad(4);
        _output.Write(content);
        Pad(4);
    }

    private void Pad(int multiple)
    {
        while (_output.Length % multiple != 0)
            _output.WriteByte(0);
    }
}
