using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.EndToEnd.Support;

/// <summary>Boots disks with QEMU (TCG) through <c>tests/Fixtures/boot</c>; the images are never written.</summary>
internal static class Boot
{
    private const int Attempts = 3;

    /// <summary>What Linux says when TCG, on a busy host, did not deliver a timer interrupt for 20 s; it never recovers.</summary>
    private const string LostTimer = "Possible timer handling issue";

    /// <summary>What came of it.</summary>
    /// <param name="Reached">Whether the login prompt and the guest's own report were seen.</param>
    /// <param name="Serial">All that the guest wrote on its serial console.</param>
    internal sealed record Result(bool Reached, string Serial)
    {
        /// <summary>The lines of the guest's report of one kind (<c>ADDR</c>, <c>MOUNT</c>, <c>FAILED</c> …).</summary>
        public string Report(string kind)
            => string.Join('\n', Serial.Split('\n').Where(line => line.Contains($"FIXTURE-{kind} ", StringComparison.Ordinal)).Select(line => line.Trim()));
    }

    /// <summary>Boots, and once or twice more when the emulator lost the guest's timer: that says nothing about the guest.</summary>
    public static Result Run(Scratch scratch, IEnumerable<string> disks, params string[] options)
    {
        string[] images = [.. disks];
        for (var attempt = 1; ; attempt++)
        {
            var result = RunOnce(scratch, images, options);
            if (result.Reached || attempt == Attempts || !result.Serial.Contains(LostTimer, StringComparison.Ordinal))
            {
                return result;
            }
        }
    }

    private static Result RunOnce(Scratch scratch, string[] disks, string[] options)
    {
        var serial = scratch.File($"serial-{Guid.NewGuid():N}.log");
        var result = CommandRunner.Run(new Command(
            Path.Combine(Product.Root, "tests/Fixtures/boot"),
            ["--serial", serial, "--timeout", "600", .. options, .. disks]));
        result.ExitCode.Should().BeInRange(0, 1, result.ErrorText);
        return new Result(result.ExitCode == 0, File.ReadAllText(serial));
    }
}
