using System.Text.Json;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Copy.Journal;

/// <summary>
/// What of one disk is on stable storage, kept in a file beside the copy so that one that was killed can go on. Lines are
/// only ever added, each after the target was flushed, and flushed itself; a last line that a crash tore is none.
/// Nothing that is not in it is trusted. Not thread safe.
/// </summary>
internal sealed class CopyJournal : IDisposable
{
    /// <summary>Bytes of the longest line that is read: ten times what a note has with clusters of 64 KiB. A longer one counts as torn.</summary>
    private const int LongestLine = 64 << 20;

    private readonly FileStream _file;
    private long _headerEnd;

    private CopyJournal(FileStream file) => _file = file;

    /// <summary>How each journal begins, of whatever version: by it a file of somebody else is known.</summary>
    private static ReadOnlySpan<byte> Beginning => "{\"header\":{\"version\":"u8;

    /// <summary>Ranges that were finished by an earlier run, and by this one.</summary>
    internal ByteRanges Done { get; } = new();

    /// <summary>Where an earlier run put them in a qcow2 image; of a cluster that comes twice the last counts.</summary>
    internal List<ClusterRun> Clusters { get; } = [];

    /// <summary>The earlier run, if there was one that can be read.</summary>
    internal JournalHeader? Header { get; private set; }

    /// <summary>An earlier run finished the whole disk.</summary>
    internal bool IsComplete { get; private set; }

    /// <summary>Opens a journal and reads what is in it.</summary>
    /// <param name="path">Its file; made where there is none.</param>
    /// <exception cref="FileSystemErrorException">It cannot be read or made.</exception>
    /// <exception cref="StepException">There is another file than a journal, which would be lost (<see cref="ErrorCodes.Usage"/>).</exception>
    internal static CopyJournal Open(string path)
    {
        if (NativeMethods.FileType(path) is not (0 or NativeMethods.TypeRegular)) throw new FileSystemErrorException(path, "no file, so no place for the journal of the copy", NativeMethods.Einval);
        CopyJournal? journal = null;
        try
        {
            journal = new CopyJournal(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            if (!journal.IsOurs()) throw new StepException(ErrorCodes.Usage, $"{path} is no journal of a copy, and would be lost", "Name another file with --journal, or remove this one.");
            journal.Read();
            return journal;
        }
        catch (Exception e)
        {
            journal?.Dispose();
            if (e is IOException or UnauthorizedAccessException) throw new FileSystemErrorException(path, $"the journal of the copy: {e.Message}", NativeMethods.Eio);
            throw;
        }
    }

    /// <summary>
    /// Forgets what earlier runs have finished, before the target is touched; durable when it returns. That there was a copy stays,
    /// until the next header is there: killed in between, the target is no fresh disk.
    /// </summary>
    internal void Forget()
    {
        ForgetFinished();
        Write(() => _file.SetLength(_headerEnd));
    }

    /// <summary>Says what this run copies, in a journal in which nothing is finished.</summary>
    /// <param name="header">The copy.</param>
    internal void Begin(JournalHeader header)
    {
        Header = header;
        Append(new JournalLine { Header = header });
        _headerEnd = _file.Position;
    }

    /// <summary>Says that ranges are on stable storage; durable when it returns.</summary>
    /// <param name="done">The ranges.</param>
    /// <param name="clusters">Where they are in a qcow2 image.</param>
    internal void Note(ByteRanges done, ClusterRun[] clusters) => Append(new JournalLine
    {
        Done = [.. done.Ranges.SelectMany(range => new[] { range.Offset, range.Length })],
        Clusters = clusters.Length == 0 ? null : clusters,
    });

    /// <summary>Says that the target is whole; durable when it returns.</summary>
    internal void Complete()
    {
        IsComplete = true;
        Append(new JournalLine { Complete = true });
    }

    public void Dispose() => _file.Dispose();

    private void Append(JournalLine line) => Write(() => _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, JournalContext.Default.JournalLine), (byte)'\n']));

    private void Write(Action write)
    {
        try
        {
            _file.Seek(0, SeekOrigin.End);
            write();
            _file.Flush(flushToDisk: true);
        }
        catch (IOException e)
        {
            throw new FileSystemErrorException(_file.Name, $"the journal of the copy: {e.Message}", (e.HResult & 0xFFFF) == NativeMethods.Enospc ? NativeMethods.Enospc : NativeMethods.Eio);
        }
    }

    /// <summary>An empty file, or one that begins as a journal does, torn or not.</summary>
    private bool IsOurs()
    {
        Span<byte> first = stackalloc byte[Beginning.Length];
        var length = _file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        _file.Position = 0;
        return Beginning.StartsWith(first[..length]);
    }

    private void Read()
    {
        long good = 0;
        while (ReadLine() is { } line && Parse(line) is { } parsed && Take(parsed))
        {
            good = _file.Position;
            if (parsed.Header is not null) _headerEnd = good;
        }

        if (good < _file.Length) Write(() => _file.SetLength(good));
    }

    /// <summary>A line without its end; null where none ends.</summary>
    private byte[]? ReadLine()
    {
        using var line = new MemoryStream();
        while (line.Length < LongestLine && _file.ReadByte() is >= 0 and var next)
        {
            if (next == '\n') return line.ToArray();
            line.WriteByte((byte)next);
        }

        return null;
    }

    private bool Take(JournalLine line)
    {
        // Only a journal that starts with a header of ours is one. What follows the last header counts.
        if (line.Header is not null)
        {
            if (line.Header.Version != JournalHeader.CurrentVersion) return false;
            Header = line.Header;
            ForgetFinished();
            return true;
        }

        if (Header is null) return false;
        IsComplete |= line.Complete;
        foreach (var range in (line.Done ?? []).Chunk(2).Where(range => range.Length == 2)) Done.Add(range[0], range[1]);
        Clusters.AddRange(line.Clusters ?? []);
        return true;
    }

    private void ForgetFinished()
    {
        IsComplete = false;
        Done.Clear();
        Clusters.Clear();
    }

    private static JournalLine? Parse(byte[] line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JournalContext.Default.JournalLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
