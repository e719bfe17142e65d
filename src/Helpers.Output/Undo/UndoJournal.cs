using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Helpers.Output.Native;

namespace Hyper2Kvm.Helpers.Output.Undo;

/// <summary>
/// <c>undo.ndjson</c> of a work directory: everything that a run makes on the target, written and synced <em>before</em> it is made,
/// so that a kill at any moment leaves nothing that is not listed.
/// </summary>
internal sealed partial class UndoJournal
{
    /// <summary>Format of the file.</summary>
    public const string SchemaName = "hyper2kvm/undo/1";

    /// <summary>Name of the file in the work directory.</summary>
    public const string FileName = "undo.ndjson";

    private readonly WorkDirectory _work;
    private readonly List<UndoRecord> _records = [];
    private bool _endsInsideLine;

    private UndoJournal(WorkDirectory work) => _work = work;

    /// <summary>What the present setup did, in order; empty before a setup and after a complete undo.</summary>
    public IReadOnlyList<UndoRecord> Records => _records;

    /// <summary>Whether a setup ran that was not taken back.</summary>
    public bool IsBegun => _records.Count > 0;

    /// <summary>Unique word in the temporary names of this setup.</summary>
    public string Token => _records[0].Token ?? throw new InvalidOperationException("no setup has begun");

    /// <summary>Called with each record when it is on disk; for tests that stop there, as a kill would.</summary>
    public Action<UndoRecord>? Written { get; set; }

    private string FilePath => _work.File(FileName);

    /// <summary>Reads the journal of a work directory; empty where there is none.</summary>
    /// <param name="work">The work directory.</param>
    public static UndoJournal Open(WorkDirectory work)
    {
        var journal = new UndoJournal(work);
        if (!File.Exists(journal.FilePath))
        {
            return journal;
        }

        var text = File.ReadAllText(journal.FilePath);
        journal._endsInsideLine = text.Length > 0 && text[^1] != '\n';
        foreach (var record in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(UndoRecord.TryParse).OfType<UndoRecord>())
        {
            journal.Apply(record);
        }

        return journal;
    }

    /// <summary>Begins a setup.</summary>
    /// <param name="jobId">Id of the job: part of the temporary names.</param>
    public void Begin(string jobId)
        => Append(new UndoRecord { Act = UndoAct.Begin, Schema = SchemaName, Token = TokenOf(jobId) });

    /// <summary>Writes a record and syncs it. Only when this returns may the act begin.</summary>
    /// <param name="record">The record.</param>
    public void Append(UndoRecord record)
    {
        var isNew = !File.Exists(FilePath);
        using (var stream = new FileStream(FilePath, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            byte[] line = [.. _endsInsideLine ? "\n"u8 : [], .. record.ToUtf8(), (byte)'\n'];
            stream.Write(line);
            stream.Flush(flushToDisk: true);
        }

        if (isNew)
        {
            _ = NativeMethods.SyncDirectory(_work.Path);
        }

        _endsInsideLine = false;
        Apply(record);
        Written?.Invoke(record);
    }

    private void Apply(UndoRecord record)
    {
        if (record.Act is UndoAct.Begin or UndoAct.Undone)
        {
            _records.Clear();
        }

        if (record.Act is not UndoAct.Undone)
        {
            _records.Add(record);
        }
    }

    /// <summary>The id of a job that Core made is unique in the world; a directory that a person named is not, so it gets a random word.</summary>
    private static string TokenOf(string jobId)
        => MadeByCore().IsMatch(jobId)
            ? jobId
            : $"{NotWord().Replace(jobId, "_")[..Math.Min(jobId.Length, 16)]}-{Guid.NewGuid().ToString("N")[..8]}";

    [GeneratedRegex("^job-[0-9a-f]{12}$")]
    private static partial Regex MadeByCore();

    [GeneratedRegex("[^A-Za-z0-9_-]")]
    private static partial Regex NotWord();
}
