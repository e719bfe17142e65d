using System.CommandLine;
using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Ctl.Commands;

/// <summary><c>ctl health</c>: a plugin for monitoring systems, by the Monitoring Plugins Development Guidelines (one line, performance data, exit codes 0 to 3).</summary>
internal static class HealthCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "health";

    private const int Ok = 0;
    private const int Warning = 1;
    private const int Critical = 2;
    private const int Unknown = 3;
    private const double UsualIdleMinutes = 60;

    private static readonly string[] Words = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

    /// <summary>Makes the command.</summary>
    /// <param name="connection">The options of every command.</param>
    public static Command Create(ConnectionOptions connection)
    {
        var maxQueue = new Option<int?>("--max-queue") { Description = "Warn where more jobs than this wait.", HelpName = "N" };
        var maxIdle = new Option<double?>("--max-idle") { Description = "Critical where jobs wait for a place and nothing happened for more minutes than this (default: 60).", HelpName = "MINUTES" };
        var command = new Command(Name, "Say whether all is well, as a plugin of a monitoring system: exit code 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.") { maxQueue, maxIdle };
        command.SetAction(parsed =>
        {
            try
            {
                var line = connection.Client(parsed, PlainCommand.UsualTime).Ask(Name, new Dictionary<string, object?>(), CancellationToken.None);
                var (level, text) = Judge(Answer.Read(line), parsed.GetValue(maxQueue), parsed.GetValue(maxIdle) ?? UsualIdleMinutes);
                return connection.Json(parsed) ? Print(level, Encoding.UTF8.GetString(line)) : Print(level, $"HYPER2KVM {Words[level]} - {text}");
            }
            catch (StepException failure)
            {
                return Fail(failure.Code == ErrorCodes.DaemonUnreachable ? Critical : Unknown, failure.Message);
            }
            catch (Exception defect)
            {
                return Fail(Unknown, StepProgram.Translate(defect, CancellationToken.None).Message);
            }
        });
        return command;
    }

    /// <summary>Tells that the question could not be asked.</summary>
    /// <param name="message">Why.</param>
    /// <returns>Exit code.</returns>
    public static int FailAsked(string message) => Fail(Unknown, message);

    private static (int Level, string Text) Judge(Answer answer, int? maxQueue, double maxIdle)
    {
        var (queue, running, idle) = (answer.Number("queue_depth"), answer.Number("running"), answer.Number("idle_minutes"));
        var (tooLong, stalled, paused) = (queue > maxQueue, idle > maxIdle, answer.IsTrue("paused"));
        var more = tooLong ? $", more than {maxQueue}" : string.Empty;
        var state = stalled ? $", but nothing happened for {idle:0.#} minutes" : paused ? ", paused" : answer.IsTrue("draining") ? ", draining" : string.Empty;
        return (
            stalled ? Critical : tooLong || paused ? Warning : Ok,
            $"queue {queue}{more}, {running} running{state} | queue={queue};{maxQueue};;0 running={running};;;0 idle={idle:0.#}min;;{maxIdle:0.#};0");
    }

    /// <summary>One line: a bar would begin the performance data.</summary>
    private static int Fail(int level, string message) => Print(level, $"HYPER2KVM {Words[level]} - {message.Replace('|', '/')}");

    private static int Print(int level, string line)
    {
        Console.Out.WriteLine(line);
        return level;
    }
}
