using System.CommandLine;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Supervisor.Running;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary>Options of every command that makes a run.</summary>
internal sealed class RunOptions
{
    private readonly Option<string[]> _keys = KeyOption.Create();
    private readonly Option<string?> _work = new("--work") { Description = "Work directory (default: a new one under HYPER2KVM_WORK_ROOT or /var/tmp).", HelpName = "DIR" };
    private readonly Option<bool> _keepWork = new("--keep-work") { Description = "Leave the work directory behind." };
    private readonly Option<string?> _events = new("--events") { Description = "Write every event as a line of JSON there.", HelpName = "fd:N|file:PATH" };
    private readonly Option<bool> _json = new("--json") { Description = "Events on standard output, for machines." };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Only warnings and errors." };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Debug lines in the logs." };

    private Option[] All => [_keys, _work, _keepWork, _events, _json, _quiet, _verbose];

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether an option is one of these.</summary>
    /// <param name="option">The option.</param>
    public bool Has(Option option) => All.Contains(option);

    /// <summary>What they say.</summary>
    /// <param name="parsed">The parsed command line.</param>
    public RunSettings Read(ParseResult parsed) => new()
    {
        WorkDirectory = parsed.GetValue(_work),
        KeepWorkDirectory = parsed.GetValue(_keepWork) || parsed.GetValue(_work) is not null,
        Events = parsed.GetValue(_events),
        Verbose = parsed.GetValue(_verbose),
        Keys = KeyOption.Read(parsed, _keys),
    };

    /// <summary>Whether events go to standard output.</summary>
    /// <param name="parsed">The parsed command line.</param>
    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Whether only warnings and errors are shown.</summary>
    /// <param name="parsed">The parsed command line.</param>
    public bool Quiet(ParseResult parsed) => parsed.GetValue(_quiet);
}
