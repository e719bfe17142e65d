using System.CommandLine;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Ctl.Commands;
using Hyper2Kvm.Ctl.Text;

var connection = new ConnectionOptions();
var root = new RootCommand("Talk to the daemon (docs/daemon-control.md).")
{
    PlainCommand.Create(connection, "status", "Show what the daemon does.", DaemonTexts.Status),
    PlainCommand.Create(connection, "stats", "Show counters and times.", StatsText.Show),
    PlainCommand.Create(connection, "pause", "Begin no new job; those that run go on.", DaemonTexts.Message),
    PlainCommand.Create(connection, "resume", "Take pause and drain back.", DaemonTexts.Message),
    PlainCommand.Create(connection, "drain", "Take no new file, finish the queue, and end.", DaemonTexts.Message),
    PlainCommand.Create(connection, "stop", "End at once; every job is taken up again at the next start.", DaemonTexts.Message),
    PlainCommand.Create(connection, "reload", "Read the configuration again; a wrong one changes nothing.", DaemonTexts.Reload),
    PlainCommand.Create(connection, "notify-test", "Send a test note on every way that is configured.", DaemonTexts.NotifyTest, usualTime: TimeSpan.FromSeconds(60)),
    PlainCommand.Create(connection, "ping", "Say whether the daemon answers.", DaemonTexts.Message),
    HealthCommand.Create(connection),
    WaitCommand.Create(connection),
};
foreach (var command in JobCommands.Create(connection))
{
    root.Subcommands.Add(command);
}

connection.AddTo(root);

// Exit code 2 of a wrong command line would be CRITICAL to a monitoring system.
if (args.Contains(HealthCommand.Name) && root.Parse(args) is { Errors: [var wrong, ..] } parsed && parsed.CommandResult.Command.Name == HealthCommand.Name)
{
    return HealthCommand.FailAsked(wrong.Message);
}

return StepProgram.Run(root, args);
