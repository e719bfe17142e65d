namespace Hyper2Kvm.Copy.Tests;

/// <summary>Whatever a server does, a copy ends. A hang fails the test and does not stop the others.</summary>
internal static class Deadline
{
    // Far above what any of these takes on a loaded machine: a hang is what is looked for, not slowness.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>The failure of a copy of one disk, which must fail.</summary>
    internal static CopyException FailureOf(CopyEndpoint source, CopyEndpoint target, CopySettings settings, ICopyObserver? observer = null)
    {
        var error = ErrorOf(() => CopyEngine.Run([new CopyTask("vda", source, target)], settings, observer ?? new RecordingObserver(), CancellationToken.None));
        return error.Should().BeOfType<CopyException>($"{error}").Which;
    }

    /// <summary>What it threw, or null.</summary>
    internal static Exception? ErrorOf(Action action)
    {
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(action)) { IsBackground = true };
        thread.Start();
        thread.Join(Longest).Should().BeTrue("a copy ends, whatever its servers do");
        return error;
    }
}
