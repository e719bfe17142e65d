using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Outcome.Errors;

/// <summary>What of the host an error context tells.</summary>
internal sealed class HostFacts
{
    private const double BytesOfGib = 1L << 30;

    private readonly Lazy<string?> _nbdkit = new(() => VersionOf("nbdkit"));
    private readonly Lazy<string?> _qemu = new(() => VersionOf("qemu-img"));

    /// <summary>The host now; versions of programs as they were when first asked for.</summary>
    /// <param name="outcome">Whose places are looked at.</param>
    public SystemInfo Of(JobOutcome outcome) => new()
    {
        Hyper2kvmVersion = ProductVersion.Text,
        DotnetVersion = Environment.Version.ToString(),
        Kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        NbdkitVersion = _nbdkit.Value,
        QemuVersion = _qemu.Value,
        SourceFreeGb = FreeGb(outcome.Job.Source.Sources[0]),
        WorkFreeGb = FreeGb(outcome.WorkDirectory),
        OutputFreeGb = FreeGb(outcome.OutputPath),
    };

    /// <summary>Free space in the file system of a path, or of the nearest directory above it that exists.</summary>
    private static double? FreeGb(string path)
    {
        try
        {
            var place = path;
            while (!Directory.Exists(place) && Path.GetDirectoryName(place) is { } parent)
            {
                place = parent;
            }

            return Math.Round(new DriveInfo(place).AvailableFreeSpace / BytesOfGib, 2);
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static string? VersionOf(string program)
    {
        try
        {
            return CommandRunner.Run(new Command(program, "--version")).OutputText.Split('\n')[0].Trim();
        }
        catch (StepException)
        {
            return null;
        }
    }
}
