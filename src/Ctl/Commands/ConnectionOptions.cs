using System.CommandLine;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Ctl.Commands;

/// <summary>Which daemon is asked, for how long, and how its answer is shown: the options of every command.</summary>
internal sealed class ConnectionOptions
{
    private const string SocketInOutput = ".daemon/control.sock";

    private readonly Option<string?> _socket = new("--socket") { Description = "Path of the control socket (default: .daemon/control.sock of the output folder).", HelpName = "PATH" };

    private readonly Option<string> _outputDir = new("--output-dir") { Description = "The daemon's output folder.", HelpName = "DIR", DefaultValueFactory = _ => "/var/lib/hyper2kvm/output" };

    private readonly Option<bool> _json = new("--json") { Description = "Print the answer as it came, one line of JSON." };

    private readonly Option<double?> _timeout = new("--timeout") { Description = "Most seconds that an answer is waited for (default: 5; notify-test: 60).", HelpName = "SECONDS" };

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command; its sub-commands have them too.</param>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _socket, _outputDir, _json, _timeout })
        {
            option.Recursive = true;
            command.Options.Add(option);
        }
    }

    /// <summary>Whether the answer is printed as it came.</summary>
    /// <param name="parsed">The parsed command line.</param>
    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>The daemon that was named.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="usualTime">Most time for an answer where none is named.</param>
    /// <exception cref="StepException">The time is none (<see cref="ErrorCodes.Usage"/>).</exception>
    public ControlClient Client(ParseResult parsed, TimeSpan usualTime)
    {
        var seconds = parsed.GetValue(_timeout) ?? usualTime.TotalSeconds;
        return seconds is > 0 and <= 86400
            ? new ControlClient(parsed.GetValue(_socket) ?? Path.Combine(parsed.GetValue(_outputDir)!, SocketInOutput), TimeSpan.FromSeconds(seconds))
            : throw new StepException(ErrorCodes.Usage, $"--timeout {seconds} is no time", "Give seconds, more than 0 and at most 86400.");
    }
}
