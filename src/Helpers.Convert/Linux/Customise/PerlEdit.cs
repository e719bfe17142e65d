using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary><c>--edit FILE:EXPR</c>: a Perl expression for every line, as virt-customize has it; <c>$lineno</c> is the number of the line (perlrun(1), -p).</summary>
/// <remarks>
/// The expression is the user's, the text the guest's: this host's perl gets the one as its program and the other on its standard input, and the guest's tree is not in its sight.
/// It runs as nobody, without capabilities, and can write no file; its time, memory and output are bounded.
/// </remarks>
internal static class PerlEdit
{
    private const int LargestText = 4 * 1024 * 1024;
    private const int LargestResult = 4 * LargestText;
    private const long MostMemory = 1L << 30;
    private const int Nobody = 65534;

    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(30);

    /// <summary>What would change how perl reads its program or its input.</summary>
    private static readonly string[] Variables = ["PERL5OPT", "PERL5LIB", "PERLLIB", "PERL5DB", "PERL_UNICODE", "PERLIO"];

    /// <summary>Edits the file. Its mode, owner and label stay; a link is followed.</summary>
    /// <param name="files">The guest's files.</param>
    /// <param name="operation">File and expression.</param>
    /// <param name="plan">Not used: nothing is left open.</param>
    /// <exception cref="StepException">There is no such file, it is too large, or the expression fails (<see cref="ErrorCodes.ConvertCustomise"/>); perl is not installed (<see cref="ErrorCodes.ToolMissing"/>).</exception>
    public static void Edit(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
    {
        var path = files.Resolve(FileOperations.Path(operation));
        var text = files.Content(path) ?? throw new StepException(ErrorCodes.ConvertCustomise, $"--edit {path}: there is no such file in the guest", "--write makes one.");
        if (text.Length > LargestText)
            throw new StepException(ErrorCodes.ConvertCustomise, $"--edit {path}: the file has {text.Length >> 20} MiB; at most {LargestText >> 20} MiB are edited");
        files.Put(path, new CustomisedFile(GuestFileKind.File) { Content = Run(path, FileOperations.Value(operation), text), Reason = "--edit" });
    }

    private static byte[] Run(string path, string expression, byte[] text)
    {
        using var end = new CancellationTokenSource(LongestTime);
        using var result = new MemoryStream();
        using var perl = ChildProcess.Start(Command(expression, text), output => CopyUpTo(LargestResult, output, result, end));
        try
        {
            var exitCode = perl.Wait(end.Token);
            return exitCode == 0 ? result.ToArray()
                : throw new StepException(ErrorCodes.ConvertCustomise, $"--edit {path}: perl: {Message(perl.ErrorTail, exitCode)}", "Try the expression on a copy of the file: perl -pe 'EXPR' FILE");
        }
        catch (OperationCanceledException stopped)
        {
            throw new StepException(
                ErrorCodes.ConvertCustomise,
                result.Length > LargestResult ? $"--edit {path}: the expression makes more than {LargestResult >> 20} MiB of the file" : $"--edit {path}: the expression did not end within {LongestTime.TotalSeconds:0} s",
                inner: stopped);
        }
    }

    private static Command Command(string expression, byte[] text) => new(
        "prlimit",
        [$"--as={MostMemory}", "--fsize=0", "--core=0", "--", "setpriv", .. Identity(), "--no-new-privs", "--inh-caps=-all", .. Environment.IsPrivilegedProcess ? (string[])["--bounding-set=-all"] : [], "--",
            "perl", "-p", "-e", "$lineno = $.;", "-e", expression])
    {
        Input = text,
        WorkingDirectory = "/",
        Grace = TimeSpan.Zero,
        Environment = Variables.ToDictionary(name => name, _ => (string?)null).Append(new("LC_ALL", "C")).ToDictionary(),
    };

    /// <summary>Another user, where this one may become him: in a user namespace of an ordinary user there may be none.</summary>
    private static string[] Identity()
        => Environment.IsPrivilegedProcess && IsMapped("/proc/self/uid_map") && IsMapped("/proc/self/gid_map") ? [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups"] : [];

    /// <summary>Lines of first id inside, first id outside, count (user_namespaces(7)).</summary>
    private static bool IsMapped(string map)
        => File.ReadLines(map).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse).ToArray()).Any(range => range[0] <= Nobody && Nobody - range[0] < range[2]);

    private static void CopyUpTo(long limit, Stream from, MemoryStream to, CancellationTokenSource end)
    {
        var buffer = new byte[64 * 1024];
        for (int count; (count = from.Read(buffer)) > 0;)
        {
            if (to.Length <= limit)
                to.Write(buffer, 0, count);
            else
                end.Cancel();
        }
    }

    private static string Message(string errors, int exitCode)
        => errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? $"it ended with exit code {exitCode}";
}
