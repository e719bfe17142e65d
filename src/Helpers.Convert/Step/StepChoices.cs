using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Keys;

namespace Hyper2Kvm.Helpers.Convert.Step;

/// <summary>What was said on this program's own command line; it goes before the job, and into it.</summary>
/// <param name="Root">Which system; <see langword="null"/> where nothing was said.</param>
/// <param name="Workers">Most file systems at once; 0 where nothing was said.</param>
/// <param name="ForceHibernated">Write on a hibernated guest.</param>
/// <param name="Backend">What mounts file systems; <see langword="null"/> where nothing was said.</param>
/// <param name="KeepSerialConsole">Leave consoles as they are.</param>
/// <param name="RebuildInitramfs">How drivers come into an initramfs; <see langword="null"/> where nothing was said.</param>
/// <param name="Keys">Keys of encrypted volumes; empty where none was given.</param>
/// <param name="Customise">Puts into the section what is wanted in the guest.</param>
internal sealed record StepChoices(string? Root, int Workers, bool ForceHibernated, string? Backend, bool KeepSerialConsole, string? RebuildInitramfs, IReadOnlyList<GuestKey> Keys, Func<JobConvert, JobConvert> Customise)
{
    /// <summary>The job's section with these choices in it.</summary>
    /// <param name="job">The section as it was.</param>
    public JobConvert ApplyTo(JobConvert job) => Customise(job) with
    {
        Root = Root ?? job.Root,
        Workers = Workers > 0 ? Workers : job.Workers,
        ForceHibernated = ForceHibernated || job.ForceHibernated,
        Backend = Backend ?? job.Backend,
        KeepSerialConsole = KeepSerialConsole || job.KeepSerialConsole,
        RebuildInitramfs = RebuildInitramfs ?? job.RebuildInitramfs,

        // A passphrase itself is never written down.
        Keys = Keys.Count > 0 ? [.. Keys.Where(key => key.File is not null).Select(key => new JobKey { Id = key.Id, File = key.File! })] : job.Keys,
    };

    /// <summary>The keys to use: those of the command line take the place of the job's.</summary>
    /// <param name="job">The section as it was.</param>
    public IReadOnlyList<GuestKey> KeysOf(JobConvert job) => Keys.Count > 0 ? Keys : [.. job.Keys.Select(GuestKey.From)];
}
