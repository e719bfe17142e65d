namespace Hyper2Kvm.Supervisor.Display;

/// <summary>Chooses the display of a run.</summary>
internal static class DisplayChoice
{
    /// <summary>JSON where it was asked for, bars on a terminal, lines elsewhere.</summary>
    /// <param name="json">Asked for by <c>--json</c> or <c>--machine-readable</c>.</param>
    /// <param name="quiet">Asked for by <c>--quiet</c>.</param>
    public static IDisplay Make(bool json, bool quiet)
        => json ? new JsonDisplay(Console.OpenStandardOutput())
            : quiet || Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is null or "dumb" ? new PlainDisplay(Console.Out, quiet)
            : new TerminalDisplay();
}
