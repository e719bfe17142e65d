using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Control;

/// <summary>A job as the outside sees it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Progress">How far it is; only while it runs.</param>
internal sealed record JobView(DaemonJob Job, JobProgress? Progress);
