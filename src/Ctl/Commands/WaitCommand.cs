using System.CommandLine;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Ctl.Commands;

/// <summary><c>ctl wait</c>: ends when no job waits or runs.</summary>
internal static class WaitCommand
{
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromSeconds(1);

    /// <summary>Makes the command.</summary>
    /// <param name="connection">The options of every command.</param>
    public static Command Create(ConnectionOptions connection)
    {
        var command = new Command("wait", "Wait until no job waits or runs; a daemon that was drained and has ended counts too.");
        command.SetAction(parsed => Invocation.Run("ctl", cancel =>
        {
            var client = connection.Client(parsed, PlainCommand.UsualTime);
            var draining = false;
            while (true)
            {
                try
                {
                    var status = Answer.Read(client.Ask("status", new Dictionary<string, object?>(), cancel));
                    if (status.Number("queue_depth") + status.Number("running") == 0)
                    {
                        return 0;
                    }

                    draining = status.IsTrue("draining");
                }
                catch (StepException gone) when (draining && gone.Code == ErrorCodes.DaemonUnreachable)
                {
                    return 0;
                }

                cancel.WaitHandle.WaitOne(BetweenQuestions);
                cancel.ThrowIfCancellationRequested();
            }
        }));
        return command;
    }
}
