using System.CommandLine;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary>Options that say how a guest is opened and converted.</summary>
internal sealed class GuestChoices
{
    private readonly Option<string?> _root = new("--root") { Description = "Which system, where there are several: first, single or /dev/sdXN.", HelpName = "ROOT" };
    private readonly Option<int> _workers = new("--workers") { Description = "Most file systems that are mounted at once (default 4).", HelpName = "N" };
    private readonly Option<string?> _backend = BackendOption.Create();
    private readonly Option<bool> _force = new("--force-hibernated") { Description = "Write though the guest (Windows or Linux) is hibernated, or left an NTFS volume dirty. The hibernated session is lost." };

    private readonly Option<bool> _keepConsole = new("--keep-serial-console") { Description = "Leave consoles of Xen (console=hvc0, their gettys) as they are (default: the first serial port takes their place)." };
    private readonly Option<string?> _rebuild = RebuildOption.Create();
    private readonly CustomiseOptions _customise = new();
    private readonly CardOptions _cards = new();

    /// <summary>Adds them to a command that writes.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        AddForLooking(command);
        command.Options.Add(_force);
        command.Options.Add(_keepConsole);
        command.Options.Add(_rebuild);
        _cards.AddTo(command);
        _customise.AddTo(command);
    }

    /// <summary>Adds those of a command that only looks.</summary>
    /// <param name="command">The command.</param>
    public void AddForLooking(Command command)
    {
        _workers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--workers takes a number from 1");
            }
        });
        command.Options.Add(_root);
        command.Options.Add(_workers);
        command.Options.Add(_backend);
    }

    /// <summary>Which system was named; <see langword="null"/> where none was.</summary>
    /// <param name="parsed">The parsed command line.</param>
    public string? Root(ParseResult parsed) => parsed.GetValue(_root);

    /// <summary>Where single cards go.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <exception cref="Core.Errors.StepException">A value is not of its option's form (<see cref="Core.Errors.ErrorCodes.Usage"/>).</exception>
    public IReadOnlyList<JobCard> Places(ParseResult parsed) => _cards.Places(parsed);

    /// <summary>What they say.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <exception cref="Core.Errors.StepException">A value is not of its option's form (<see cref="Core.Errors.ErrorCodes.Usage"/>).</exception>
    public JobConvert Read(ParseResult parsed) => _customise.ApplyTo(parsed, _cards.ApplyTo(parsed, new()
    {
        Root = Root(parsed) ?? "first",
        Workers = parsed.GetValue(_workers),
        Backend = parsed.GetValue(_backend) ?? BackendOption.Default,
        ForceHibernated = parsed.GetValue(_force),
        KeepSerialConsole = parsed.GetValue(_keepConsole),
        RebuildInitramfs = parsed.GetValue(_rebuild) ?? RebuildOption.Default,
    }));
}
