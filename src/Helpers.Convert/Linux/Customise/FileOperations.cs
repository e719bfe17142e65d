using System.Globalization;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary><c>--mkdir --upload --write --append-line --delete --link --chmod</c>.</summary>
internal static class FileOperations
{
    private const uint MostMode = 0xFFF; // 07777

    /// <summary><c>--mkdir DIR</c>: with those above it, as mkdir -p does.</summary>
    public static void MakeDirectory(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
        => files.Put(files.Resolve(Path(operation)), new CustomisedFile(GuestFileKind.Directory) { ModeIfNew = 0x1ED, Reason = "--mkdir" });

    /// <summary><c>--upload FILE:DEST</c>: with the file's permission bits; into DEST where that is a directory. It belongs to root: numbers of this host's users mean others in the guest.</summary>
    public static void Upload(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
    {
        var content = HostFile.Read(operation);
        var path = files.Resolve(Path(operation));
        if (files.Kind(path) == GuestFileKind.Directory)
            path = files.Resolve($"{path}/{System.IO.Path.GetFileName(operation.File)}");
        files.Put(path, new CustomisedFile(GuestFileKind.File)
        {
            Content = content,
            Mode = (uint)File.GetUnixFileMode(operation.File!),
            IsText = false,
            Reason = $"--upload {System.IO.Path.GetFileName(operation.File)}",
        });
    }

    /// <summary><c>--write FILE:CONTENT</c>: exactly that, no line feed is added.</summary>
    public static void Write(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
        => files.Put(files.Resolve(Path(operation)), new CustomisedFile(GuestFileKind.File) { Content = System.Text.Encoding.UTF8.GetBytes(Value(operation)), Reason = "--write" });

    /// <summary><c>--append-line FILE:LINE</c>: unless the file has this line, so that a second conversion does not repeat it.</summary>
    public static void AppendLine(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
    {
        var path = files.Resolve(Path(operation));
        var text = files.Text(path) ?? string.Empty;
        var ending = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var line = System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(Value(operation)));
        if (text.Split('\n').Any(present => present.TrimEnd('\r') == line))
            return;
        var separator = text.Length == 0 || text.EndsWith('\n') ? string.Empty : ending;
        files.Put(path, new CustomisedFile(GuestFileKind.File) { Content = GuestText.Bytes($"{text}{separator}{line}{ending}"), Reason = "--append-line" });
    }

    /// <summary><c>--delete PATH</c>: a directory with all that is in it; a link, not what it names. Nothing where nothing is.</summary>
    public static void Delete(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
    {
        var path = files.Resolve(Path(operation), followLast: false);
        if (files.Kind(path) is not null)
            files.Remove(path, "--delete");
        else if (path.AsSpan().IndexOfAny('*', '?', '[') >= 0)
            throw new StepException(ErrorCodes.ConvertCustomise, $"--delete {path}: there is no such file in the guest, and wildcards are not expanded", "Name each file.");
    }

    /// <summary><c>--link TARGET:LINK</c>: a symbolic link, in the place of a file or link of its name.</summary>
    public static void Link(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
        => files.Put(files.Resolve(Path(operation), followLast: false), new CustomisedFile(GuestFileKind.SymbolicLink) { Target = Value(operation), Reason = "--link" });

    /// <summary><c>--chmod PERMISSIONS:FILE</c>: octal.</summary>
    public static void ChangeMode(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
    {
        var text = Value(operation);
        var mode = text.Aggregate(0u, (sum, digit) => digit is >= '0' and <= '7' && sum <= MostMode ? (sum * 8) + (uint)CharUnicodeInfo.GetDecimalDigitValue(digit) : uint.MaxValue);
        if (text.Length == 0 || mode > MostMode)
            throw new StepException(ErrorCodes.ConvertCustomise, $"--chmod {text}:{operation.Path}: {text} are no octal permissions", "For example --chmod 0640:/etc/app.conf");
        files.ChangeMode(files.Resolve(Path(operation)), mode, "--chmod");
    }

    /// <summary>The path that an operation names.</summary>
    public static string Path(JobCustomisation operation)
        => operation.Path ?? throw new StepException(ErrorCodes.ConvertCustomise, $"--{operation.Action} names no path of the guest");

    /// <summary>The value that an operation has.</summary>
    public static string Value(JobCustomisation operation)
        => operation.Value ?? throw new StepException(ErrorCodes.ConvertCustomise, $"--{operation.Action} {operation.Path} has no value");
}
