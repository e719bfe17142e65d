using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Serilog;
using Serilog.Events;

namespace Hyper2Kvm.Core.Programs;

/// <summary>The frame of every helper: options, events, log, signals, and the one place where failures become exit codes.</summary>
public static class StepProgram
{
    /// <summary>Parses the command line and runs what it names.</summary>
    /// <param name="root">The command with its options and actions.</param>
    /// <param name="arguments">The command line.</param>
    /// <returns>Exit code; 2 for a command line that is wrong.</returns>
    public static int Run(Command root, string[] arguments)
    {
        // No response files: a disk may be called "@disk.raw".
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            FailureText.Write(Console.Error, root.Name, new StepException(ErrorCodes.Usage, parsed.Errors[0].Message));
            return ErrorCodes.Usage.ExitCode;
        }

        return parsed.Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    /// <summary>Runs one step: in its work directory, with its events and log; failures are told and become the exit code.</summary>
    /// <param name="step">Name of the step.</param>
    /// <param name="options">The common options.</param>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="body">The step.</param>
    public static int RunStep(string step, StepOptions options, ParseResult parsed, Action<StepContext> body)
    {
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancelling(stop));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancelling(stop));

        EventWriter? events = null;
        ILogger log = Serilog.Core.Logger.None;
        var clock = Stopwatch.StartNew();
        try
        {
            events = EventWriter.Open(step, parsed.GetValue(options.Events));
            if (parsed.GetValue(options.Events) is null)
            {
                events.Observer = Tell;
            }

            var work = options.WorkDirectory(parsed);
            using var held = work.HoldShared();
            log = OpenLog(work.LogPath(step), parsed.GetValue(options.Verbose));
            log.Information("{Step} of hyper2kvm {Version}: {CommandLine}", step, ProductVersion.Text, string.Join(' ', Environment.GetCommandLineArgs().Select(KeyOption.Redact)));
            events.Started();
            body(new StepContext(step, work, events, log, stop.Token));
            log.Information("done after {Milliseconds} ms", clock.ElapsedMilliseconds);
            events.Finished(clock.ElapsedMilliseconds);
            return 0;
        }
        catch (Exception failure)
        {
            var told = Translate(failure, stop.Token);
            log.Error(failure, "{Code}: {Message} ({Hint})", told.Code.Name, told.Message, told.Hint);
            if (events is null)
            {
                FailureText.Write(Console.Error, step, told);
            }

            events?.Error(told);
            return told.Code.ExitCode;
        }
        finally
        {
            events?.Dispose();
            (log as IDisposable)?.Dispose();
        }
    }

    /// <summary>Any failure as one that has a code: the known ones as they are, a cancel as "interrupted", the rest as a defect of ours.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="cancel">Whether we were told to stop.</param>
    public static StepException Translate(Exception failure, CancellationToken cancel) => failure switch
    {
        // Once we are told to stop, a disk that goes away is no failure of its own.
        StepException { Code: var code } known when code == ErrorCodes.Interrupted => known,
        _ when cancel.IsCancellationRequested => new StepException(ErrorCodes.Interrupted, "interrupted", inner: failure),
        StepException known => known,
        UnauthorizedAccessException denied => new StepException(ErrorCodes.HostPermission, denied.Message, inner: denied),
        _ => new StepException(ErrorCodes.Supervisor, $"{failure.GetType().Name}: {failure.Message}", inner: failure),
    };

    /// <summary>Tells an event to a person, on standard error: failures, warnings, and that the step is done.</summary>
    /// <param name="what">The event.</param>
    public static void Tell(StepEvent what)
    {
        switch (what.Type)
        {
            case EventType.Error:
                FailureText.Write(Console.Error, what.Step, what.Message, what.Hint, ErrorCodes.All.FirstOrDefault(code => code.Name == what.Code));
                break;
            case EventType.Warning:
                Console.Error.WriteLine($"{what.Step}: warning: {what.Message}{(what.Hint is null ? string.Empty : $" ({what.Hint})")}");
                break;
            case EventType.Finished:
                Console.Error.WriteLine($"{what.Step}: done in {what.Done / 1000.0:0.00} s");
                break;
            default:
                break;
        }
    }

    private static Action<PosixSignalContext> Cancelling(CancellationTokenSource stop) => context =>
    {
        context.Cancel = true;
        stop.Cancel();
    };

    private static Serilog.Core.Logger OpenLog(string path, bool verbose)
        => new LoggerConfiguration()
            .MinimumLevel.Is(verbose ? LogEventLevel.Debug : LogEventLevel.Information)
            .WriteTo.File(path, outputTemplate: "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u3} {Message:lj}{NewLine}{Exception}", formatProvider: null)
            .CreateLogger();
}
