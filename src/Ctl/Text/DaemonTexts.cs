using System.Globalization;

namespace Hyper2Kvm.Ctl.Text;

/// <summary>Answers about the daemon itself, for people.</summary>
internal static class DaemonTexts
{
    /// <summary>What was done.</summary>
    public static void Message(Answer answer, TextWriter output) => output.WriteLine(answer.Text("message") ?? "Success");

    /// <summary><c>status</c>.</summary>
    public static void Status(Answer answer, TextWriter output)
    {
        output.WriteLine($"Status:   {(answer.IsTrue("paused") ? "PAUSED" : "RUNNING")}");
        if (answer.IsTrue("draining"))
        {
            output.WriteLine("Mode:     DRAINING");
        }

        output.WriteLine($"Queue:    {answer.Number("queue_depth")}");
        output.WriteLine($"Running:  {answer.Number("running")}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Uptime:   {answer.Number("uptime_seconds") / 3600:0.0} hours"));
        output.WriteLine($"Process:  {answer.Number("pid")}, hyper2kvm {answer.Text("version")}");
    }

    /// <summary><c>logs</c>.</summary>
    public static void Lines(Answer answer, TextWriter output) => Write(answer.Lines("lines"), output);

    /// <summary><c>reload</c>.</summary>
    public static void Reload(Answer answer, TextWriter output)
    {
        Message(answer, output);
        var changes = answer.Lines("changes");
        Write(changes.Count == 0 ? ["  nothing changed"] : changes.Select(change => $"  {change}"), output);
    }

    /// <summary><c>notify-test</c>.</summary>
    public static void NotifyTest(Answer answer, TextWriter output)
    {
        var results = answer.Lines("results");
        Write(results.Count == 0 ? ["No notification is configured."] : results, output);
    }

    private static void Write(IEnumerable<string> lines, TextWriter output)
    {
        foreach (var line in lines)
        {
            output.WriteLine(line);
        }
    }
}
