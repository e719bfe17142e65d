using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Daemon.Control.Answers;
using Hyper2Kvm.Daemon.Control.Commands;
using Serilog;

namespace Hyper2Kvm.Daemon.Control;

/// <summary>From a request to its answer: the one place that the control socket and HTTP ask, and where every failure becomes an answer.</summary>
/// <param name="daemon">The daemon.</param>
/// <param name="clock">The time.</param>
/// <param name="log">Failures that are ours.</param>
internal sealed class ControlDispatcher(IDaemonControl daemon, TimeProvider clock, ILogger log)
{
    private const int LongestWord = 32;

    /// <summary>Answers one line of the control socket.</summary>
    /// <param name="line">JSON, or the bare name of a command.</param>
    public ValueTask<Answer> AnswerAsync(ReadOnlyMemory<byte> line)
    {
        try
        {
            return AnswerAsync(Parse(line.Span));
        }
        catch (ControlException refused)
        {
            return ValueTask.FromResult<Answer>(Refusal(refused));
        }
    }

    /// <summary>Answers one request.</summary>
    /// <param name="request">The request.</param>
    public async ValueTask<Answer> AnswerAsync(ControlRequest request)
    {
        if (ControlCommands.Find(request.Command) is not { } command)
        {
            var unknown = Refusal(new ControlException(ControlError.UnknownCommand, $"Unknown command: {request.Command}"));
            return unknown with { AvailableCommands = ControlCommands.Names };
        }

        // A thread of its own: the pool's few serve all other clients.
        return command.IsSlow
            ? await Task.Factory.StartNew(() => Execute(command, request), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false)
            : Execute(command, request);
    }

    /// <summary>A refusal as an answer.</summary>
    /// <param name="refused">The refusal.</param>
    public static ErrorAnswer Refusal(ControlException refused) => new()
    {
        Code = refused.Error.Name,
        Message = refused.Message,
        Hint = refused.Error.Hint,
        FailureStatus = refused.Error.HttpStatus,
    };

    private Answer Execute(ControlCommand command, ControlRequest request)
    {
        try
        {
            return command.Execute(daemon, request, clock);
        }
        catch (ControlException refused)
        {
            return Refusal(refused);
        }
        catch (Exception failure)
        {
            var told = StepProgram.Translate(failure, CancellationToken.None);
            log.Error(failure, "control: {Command} failed: {Message}", command.Name, told.Message);
            return new ErrorAnswer { Code = told.Code.Name, Message = told.Message, Hint = told.Hint, FailureStatus = told.Code == ErrorCodes.Usage || told.Code == ErrorCodes.Configuration ? 400 : 500 };
        }
    }

    private static ControlRequest Parse(ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line))
        {
            throw new ControlException(ControlError.Malformed, "the request is not UTF-8");
        }

        if (line[0] != '{')
        {
            return line.Length <= LongestWord && Ascii.IsValid(line) && line.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0
                ? new ControlRequest { Command = Encoding.ASCII.GetString(line) }
                : throw new ControlException(ControlError.Malformed, "the request is neither a JSON object nor the name of a command");
        }

        try
        {
            return JsonSerializer.Deserialize(line, ControlContext.Default.ControlRequest)!;
        }
        catch (JsonException broken)
        {
            throw new ControlException(ControlError.Malformed, $"the request cannot be read: {broken.Message}", broken);
        }
    }
}
