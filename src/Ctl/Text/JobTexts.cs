using System.Globalization;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Ctl.Text;

/// <summary>Jobs, for people.</summary>
internal static class JobTexts
{
    private const int ShortestName = 4;

    /// <summary><c>jobs</c>: a line each.</summary>
    public static void List(Answer answer, TextWriter output)
    {
        var jobs = answer.List("jobs");
        if (jobs.Count == 0)
        {
            output.WriteLine("No jobs.");
            return;
        }

        var name = Math.Max(ShortestName, jobs.Max(job => job.Text("name")?.Length ?? 0));
        output.WriteLine($"{"ID",-16}  {"STATE",-9}  {"NAME".PadRight(name)}  {"CREATED (UTC)",-19}  DETAIL");
        foreach (var job in jobs)
        {
            output.WriteLine($"{job.Text("id"),-16}  {job.Text("state"),-9}  {(job.Text("name") ?? string.Empty).PadRight(name)}  {job.Time("created"),-19}  {Detail(job)}".TrimEnd());
        }
    }

    /// <summary><c>job</c>: a line a field.</summary>
    public static void One(Answer answer, TextWriter output)
    {
        if (answer.Inner("job") is not { } job)
        {
            return;
        }

        Line(output, "Job", job.Text("id"));
        Line(output, "Guest", job.Text("name"));
        Line(output, "State", job.Text("state"));
        Line(output, "Progress", job.Inner("progress") is { } progress ? Of(progress) : null);
        Line(output, "Size", ByteSize.Format(job.Number("size_bytes")));
        foreach (var source in job.Lines("sources"))
        {
            Line(output, "Source", source);
        }

        Line(output, "Output", job.Text("output_path"));
        Line(output, "Created", job.Time("created"));
        Line(output, "Started", job.Time("started"));
        Line(output, "Ended", job.Time("ended"));
        Line(output, "Next try", job.Time("next_attempt"));
        Line(output, "Retries", job.Number("retry_count").ToString(CultureInfo.InvariantCulture));
        Line(output, "Error", job.Text("error") is { } error ? $"{error} ({job.Text("error_code")})" : null);
    }

    /// <summary><c>progress</c>.</summary>
    public static void Progress(Answer answer, TextWriter output)
        => output.WriteLine(answer.Inner("progress") is { } progress ? $"{answer.Text("id")}: {Of(progress)}" : $"{answer.Text("id")}: {answer.Text("state")}");

    /// <summary>How far a conversion is, in a few words.</summary>
    /// <param name="progress">The progress.</param>
    public static string Of(Answer progress)
    {
        var percent = progress.MaybeNumber("percent") is { } known ? string.Create(CultureInfo.InvariantCulture, $" {known:0.0}%") : string.Empty;
        var bytes = progress.Text("unit") == "bytes" && progress.Number("total") > 0 ? $" ({ByteSize.Format(progress.Number("done"))} of {ByteSize.Format(progress.Number("total"))})" : string.Empty;
        return $"{progress.Text("step")}{percent}{bytes}";
    }

    private static string Detail(Answer job) => job.Text("state") switch
    {
        "running" => job.Inner("progress") is { } progress ? Of(progress) : string.Empty,
        "retrying" => $"again at {job.Time("next_attempt")}: {job.Text("error")}",
        "succeeded" => job.Text("output_path") ?? string.Empty,
        _ => job.Text("error") ?? string.Empty,
    };

    private static void Line(TextWriter output, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            output.WriteLine($"{name + ":",-10}{value}");
        }
    }
}
