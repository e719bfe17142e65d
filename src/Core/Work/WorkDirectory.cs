using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Native;

namespace Hyper2Kvm.Core.Work;

/// <summary>The work directory of one run: documents, sockets, logs, events and flags, mode 0700.</summary>
public sealed class WorkDirectory
{
    private const string NamePrefix = "job-";
    private const string LogDirectory = "logs";

    /// <summary>Documents that a script may put into a directory before the first step.</summary>
    private static readonly string[] Documents = [Job.FileName, SourceMetadata.FileName, TargetMetadata.FileName];

    private WorkDirectory(string path) => Path = path;

    /// <summary>Where runs make their work directories: HYPER2KVM_WORK_ROOT, else <c>/var/tmp/hyper2kvm-UID</c>, so that left-overs can be found.</summary>
    public static string DefaultRoot
        => Environment.GetEnvironmentVariable("HYPER2KVM_WORK_ROOT") is { Length: > 0 } chosen
            ? System.IO.Path.GetFullPath(chosen)
            : $"/var/tmp/hyper2kvm-{NativeMethods.EffectiveUserId()}";

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>Name of the run, part of the names of half-made targets.</summary>
    public string Id => System.IO.Path.GetFileName(Path);

    /// <summary>The merged event stream.</summary>
    public string EventsPath => File("events.ndjson");

    /// <summary>While this file exists, what is read from a source is kept in its overlay (nbdkit's <c>cow-on-read</c>): the conversion reads things twice, the copy does not.</summary>
    public string ConvertFlag => File("convert");

    /// <summary>Exists while the copy runs.</summary>
    public string CopyFlag => File("copy");

    /// <summary>Exists once the guest is whole on the target. Without it, what a run made there is removed.</summary>
    public string DoneFlag => File("done");

    /// <summary>Whether the guest is whole on the target.</summary>
    public bool IsDone => System.IO.File.Exists(DoneFlag);

    private string LockPath => File("lock");

    private string OwnerPath => File("owner");

    private string KeptPath => File("kept");

    /// <summary>Makes a new work directory under a root, and takes it as its supervisor.</summary>
    /// <param name="root">Directory that holds work directories; made with mode 0700 where it is missing.</param>
    /// <param name="owned">Hold it as long as the run lives: see <see cref="HoldAsOwner"/>.</param>
    /// <exception cref="StepException">It cannot be made (<see cref="ErrorCodes.WorkDirectory"/>).</exception>
    public static WorkDirectory CreateUnder(string root, out IDisposable owned)
    {
        MakePrivate(root);

        // Under the root's lock, so that no clean-up finds the directory before it has an owner.
        using var alone = FileLock.WaitAlone(RootLockPath(root));
        var work = Make(System.IO.Path.Combine(root, NamePrefix + Guid.NewGuid().ToString("N")[..12]));
        owned = work.HoldAsOwner();
        return work;
    }

    /// <summary>Uses a directory that the caller named: made where it is missing, and given mode 0700.</summary>
    /// <param name="path">The directory.</param>
    /// <exception cref="StepException">It cannot be made, belongs to somebody else, or holds other files, whose readers would be locked out (<see cref="ErrorCodes.WorkDirectory"/>).</exception>
    public static WorkDirectory Use(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        return IsForeign(full)
            ? throw new StepException(ErrorCodes.WorkDirectory, $"{full} is no work directory: it holds other files", "Name a new or an empty directory.")
            : Make(full);
    }

    /// <summary>Whether a program of ours has used a directory as its work directory.</summary>
    /// <param name="path">A directory.</param>
    public static bool WasUsed(string path)
        => Directory.Exists(System.IO.Path.Combine(path, LogDirectory)) && System.IO.File.Exists(System.IO.Path.Combine(path, "lock"));

    /// <summary>The work directories under a root, whoever uses them.</summary>
    /// <param name="root">Directory that holds work directories.</param>
    public static IReadOnlyList<WorkDirectory> All(string root)
    {
        if (!Directory.Exists(root))
        {
            return [];
        }

        using var alone = FileLock.WaitAlone(RootLockPath(root));
        return [.. Directory.EnumerateDirectories(root, NamePrefix + "*").Order(StringComparer.Ordinal).Select(path => new WorkDirectory(path))];
    }

    /// <summary>A file in it.</summary>
    /// <param name="name">Its name.</param>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Socket of source disk N.</summary>
    /// <param name="disk">Index of the disk, from 0.</param>
    public string InSocket(int disk) => File($"in{disk}");

    /// <summary>Target disk N: a socket, or a link to a plain file or block device.</summary>
    /// <param name="disk">Index of the disk, from 0.</param>
    public string OutTarget(int disk) => File($"out{disk}");

    /// <summary>Log file of a step.</summary>
    /// <param name="step">Name of the step.</param>
    public string LogPath(string step) => File(System.IO.Path.Combine(LogDirectory, $"{step}.log"));

    /// <summary>File that holds the process id of a step that serves disks.</summary>
    /// <param name="step">Name of the step.</param>
    public string PidPath(string step) => File($"{step}.pid");

    /// <summary>The steps that serve disks here, with their process ids; some may have ended.</summary>
    public IEnumerable<(string Step, int ProcessId)> Serving()
        => Directory.EnumerateFiles(Path, "*.pid")
            .Select(file => (System.IO.Path.GetFileNameWithoutExtension(file), int.TryParse(System.IO.File.ReadAllText(file), out var id) ? id : 0))
            .Where(entry => entry.Item2 > 0);

    /// <summary>Says that a program uses the directory, until the result is disposed of or the process dies.</summary>
    /// <exception cref="StepException">A clean-up has the directory (<see cref="ErrorCodes.WorkDirectory"/>).</exception>
    public IDisposable HoldShared()
        => FileLock.TryShared(LockPath) ?? throw new StepException(ErrorCodes.WorkDirectory, $"{Path} is being cleaned up", "Use another work directory.");

    /// <summary>Takes the directory for a clean-up; <see langword="null"/> while any program uses it.</summary>
    public IDisposable? TryHoldAlone() => FileLock.TryAlone(LockPath);

    /// <summary>Says that this process is the run's supervisor.</summary>
    /// <exception cref="StepException">Another supervisor has it (<see cref="ErrorCodes.WorkDirectory"/>).</exception>
    public IDisposable HoldAsOwner()
    {
        var owned = FileLock.TryAlone(OwnerPath) ?? throw new StepException(ErrorCodes.WorkDirectory, $"{Path} is in use by another run", "Use another work directory.");
        System.IO.File.Delete(KeptPath);
        return owned;
    }

    /// <summary>Says that the directory is to stay when its run is over; the next run and a clean-up of all that was left behind pass it over.</summary>
    public void Keep() => System.IO.File.WriteAllBytes(KeptPath, []);

    /// <summary>Whether a supervisor is alive that has this directory.</summary>
    public bool HasOwner()
    {
        if (!System.IO.File.Exists(OwnerPath))
        {
            return false;
        }

        using var taken = FileLock.TryAlone(OwnerPath);
        return taken is null;
    }

    /// <summary>Whether a supervisor made this directory and is dead: what it started dies within milliseconds. One that was to be kept is none.</summary>
    public bool IsOrphaned()
    {
        if (!System.IO.File.Exists(OwnerPath) || FileLock.TryAlone(OwnerPath) is not { } taken)
        {
            return false;
        }

        using (taken)
        {
            return !System.IO.File.Exists(KeptPath);
        }
    }

    /// <summary>Saves a document here.</summary>
    /// <param name="document">The document.</param>
    public void Save(Job document) => DocumentFile.Save(Path, document, DocumentContext.Default.Job);

    /// <summary>Saves a document here.</summary>
    /// <param name="document">The document.</param>
    public void Save(SourceMetadata document) => DocumentFile.Save(Path, document, DocumentContext.Default.SourceMetadata);

    /// <summary>Saves a document here.</summary>
    /// <param name="document">The document.</param>
    public void Save(TargetMetadata document) => DocumentFile.Save(Path, document, DocumentContext.Default.TargetMetadata);

    /// <summary>Saves a document here.</summary>
    /// <param name="document">The document.</param>
    public void Save(ConversionReport document) => DocumentFile.Save(Path, document, DocumentContext.Default.ConversionReport);

    /// <summary>Saves a document here.</summary>
    /// <param name="document">The document.</param>
    public void Save(GuestInspection document) => DocumentFile.Save(Path, document, DocumentContext.Default.GuestInspection);

    /// <summary>Saves a document here.</summary>
    /// <param name="document">The document.</param>
    public void Save(GuestVerification document) => DocumentFile.Save(Path, document, DocumentContext.Default.GuestVerification);

    /// <summary>The job; a new one where a helper is run by hand on a fresh directory.</summary>
    /// <exception cref="StepException">It is damaged or of another version (<see cref="ErrorCodes.Document"/>).</exception>
    public Job LoadJob()
        => DocumentFile.TryLoad(Path, DocumentContext.Default.Job)
            ?? new Job { Schema = Job.SchemaName, Id = Id, Created = DateTimeOffset.UtcNow };

    /// <summary>The source's metadata.</summary>
    /// <exception cref="StepException">Missing, damaged or of another version (<see cref="ErrorCodes.Document"/>).</exception>
    public SourceMetadata LoadSource() => DocumentFile.Load(Path, DocumentContext.Default.SourceMetadata);

    /// <summary>The target's metadata.</summary>
    /// <exception cref="StepException">Missing, damaged or of another version (<see cref="ErrorCodes.Document"/>).</exception>
    public TargetMetadata LoadTarget() => DocumentFile.Load(Path, DocumentContext.Default.TargetMetadata);

    /// <summary>The conversion's report.</summary>
    /// <exception cref="StepException">Missing, damaged or of another version (<see cref="ErrorCodes.Document"/>).</exception>
    public ConversionReport LoadReport() => DocumentFile.Load(Path, DocumentContext.Default.ConversionReport);

    /// <summary>What an inspection found.</summary>
    /// <exception cref="StepException">Missing, damaged or of another version (<see cref="ErrorCodes.Document"/>).</exception>
    public GuestInspection LoadInspection() => DocumentFile.Load(Path, DocumentContext.Default.GuestInspection);

    /// <summary>What a verification found.</summary>
    /// <exception cref="StepException">Missing, damaged or of another version (<see cref="ErrorCodes.Document"/>).</exception>
    public GuestVerification LoadVerification() => DocumentFile.Load(Path, DocumentContext.Default.GuestVerification);

    /// <summary>
    /// Removes the directory with all that is in it. The word that the guest is whole outlives the journal that would take it back,
    /// and the owner's lock outlives both: wherever a kill ends this, a clean-up finds the directory and takes nothing whole away.
    /// </summary>
    public void Delete()
    {
        if (!Directory.Exists(Path))
        {
            return;
        }

        foreach (var directory in Directory.EnumerateDirectories(Path))
        {
            Directory.Delete(directory, recursive: true);
        }

        string[] last = [DoneFlag, OwnerPath];
        foreach (var file in Directory.EnumerateFiles(Path).Except(last).Concat(last))
        {
            System.IO.File.Delete(file);
        }

        Directory.Delete(Path, recursive: true);
    }

    private static string RootLockPath(string root) => System.IO.Path.Combine(root, ".lock");

    private static bool IsForeign(string path)
        => Directory.Exists(path)
            && Directory.EnumerateFileSystemEntries(path).Any()
            && !Directory.Exists(System.IO.Path.Combine(path, LogDirectory))
            && !Documents.Any(name => System.IO.File.Exists(System.IO.Path.Combine(path, name)));

    private static WorkDirectory Make(string path)
    {
        MakePrivate(path);
        MakePrivate(System.IO.Path.Combine(path, LogDirectory));
        return new WorkDirectory(path);
    }

    private static void MakePrivate(string path)
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        try
        {
            Directory.CreateDirectory(path, Private);
            System.IO.File.SetUnixFileMode(path, Private);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            throw new StepException(ErrorCodes.WorkDirectory, $"the work directory {path} cannot be made: {unusable.Message}", inner: unusable);
        }
    }
}
