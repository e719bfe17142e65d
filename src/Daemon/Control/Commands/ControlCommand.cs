using Hyper2Kvm.Daemon.Control.Answers;

namespace Hyper2Kvm.Daemon.Control.Commands;

/// <summary>One command: on the control socket by its name, over HTTP by its method and path.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Method">Method over HTTP.</param>
/// <param name="Path">Path over HTTP; <c>{id}</c> is the field of that name, the others are query parameters.</param>
/// <param name="Meaning">What it does, in one sentence.</param>
/// <param name="Takes">Fields that it takes beside <c>command</c>; one with <c>!</c> is required.</param>
/// <param name="Answer">Type of its answer.</param>
/// <param name="Run">Does it.</param>
internal sealed record ControlCommand(
    string Name,
    string Method,
    string Path,
    string Meaning,
    IReadOnlyList<string> Takes,
    Type Answer,
    Func<IDaemonControl, ControlRequest, TimeProvider, Answer> Run)
{
    /// <summary>Whether it waits for other machines, and so for longer than others should wait behind it.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Does it.</summary>
    /// <param name="daemon">The daemon.</param>
    /// <param name="request">The request.</param>
    /// <param name="clock">The time.</param>
    /// <exception cref="ControlException">It has a field that this command does not take, or lacks one that it needs; or there is no such job.</exception>
    public Answer Execute(IDaemonControl daemon, ControlRequest request, TimeProvider clock)
    {
        Check("id", request.Id is not null);
        Check("state", request.State is not null);
        Check("limit", request.Limit is not null);
        Check("lines", request.Lines is not null);
        return Run(daemon, request, clock);
    }

    private void Check(string field, bool given)
    {
        if (given && !Takes.Contains(field) && !Takes.Contains(field + "!"))
        {
            throw new ControlException(ControlError.Malformed, $"the command {Name} takes no field '{field}'");
        }

        if (!given && Takes.Contains(field + "!"))
        {
            throw new ControlException(ControlError.Malformed, $"the command {Name} needs the field '{field}'");
        }
    }
}
