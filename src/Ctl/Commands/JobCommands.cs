using System.CommandLine;
using Hyper2Kvm.Ctl.Text;

namespace Hyper2Kvm.Ctl.Commands;

/// <summary>The commands that are about jobs.</summary>
internal static class JobCommands
{
    /// <summary>Makes them.</summary>
    /// <param name="connection">The options of every command.</param>
    public static IEnumerable<Command> Create(ConnectionOptions connection) =>
    [
        List(connection),
        OfOne(connection, "job", "Show one job.", JobTexts.One),
        OfOne(connection, "progress", "Show how far one job is.", JobTexts.Progress),
        OfOne(connection, "retry", "Put a job that failed, was cancelled or waits for its retry into the queue now.", DaemonTexts.Message),
        OfOne(connection, "cancel", "Give up a job that waits or runs; its files go to .errors.", DaemonTexts.Message),
        Logs(connection),
    ];

    private static Command List(ConnectionOptions connection)
    {
        var state = new Option<string?>("--state") { Description = "Only jobs in this state: queued, running, retrying, succeeded, failed, skipped, cancelled.", HelpName = "STATE" };
        var limit = new Option<int?>("--limit") { Description = "Most jobs that are listed (default: 100).", HelpName = "N" };
        var command = PlainCommand.Create(connection, "jobs", "List jobs, newest first.", JobTexts.List, parsed => new Dictionary<string, object?> { ["state"] = parsed.GetValue(state), ["limit"] = parsed.GetValue(limit) });
        command.Options.Add(state);
        command.Options.Add(limit);
        return command;
    }

    private static Command OfOne(ConnectionOptions connection, string name, string description, Action<Answer, TextWriter> show)
    {
        var job = new Argument<string>("job") { Description = "Id of the job, or name of its guest (the newest of that name)." };
        var command = PlainCommand.Create(connection, name, description, show, parsed => new Dictionary<string, object?> { ["id"] = parsed.GetValue(job) });
        command.Arguments.Add(job);
        return command;
    }

    private static Command Logs(ConnectionOptions connection)
    {
        var job = new Argument<string?>("job") { Description = "Id of a job, or name of its guest; without it, the daemon's own log.", Arity = ArgumentArity.ZeroOrOne };
        var lines = new Option<int?>("--lines", "-n") { Description = "Most lines that are shown (default: 100).", HelpName = "N" };
        var command = PlainCommand.Create(connection, "logs", "Show the last lines of a log.", DaemonTexts.Lines, parsed => new Dictionary<string, object?> { ["id"] = parsed.GetValue(job), ["lines"] = parsed.GetValue(lines) });
        command.Arguments.Add(job);
        command.Options.Add(lines);
        return command;
    }
}
