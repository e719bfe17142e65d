using Hyper2Kvm.Core.Keys;

namespace Hyper2Kvm.Supervisor.Running;

/// <summary>How a run is done, as opposed to what it does (that is the job).</summary>
internal sealed record RunSettings
{
    /// <summary>Work directory that the user named (<c>--work</c>).</summary>
    public string? WorkDirectory { get; init; }

    /// <summary>Leave the work directory behind (<c>--keep-work</c>).</summary>
    public bool KeepWorkDirectory { get; init; }

    /// <summary>The user's own event stream (<c>--events</c>).</summary>
    public string? Events { get; init; }

    /// <summary>Keys of encrypted volumes (<c>--key</c>); what of them must not be written down stays in this process.</summary>
    public IReadOnlyList<GuestKey> Keys { get; init; } = [];

    /// <summary>Debug lines in the logs (<c>--verbose</c>).</summary>
    public bool Verbose { get; init; }
}
