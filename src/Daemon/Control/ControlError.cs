namespace Hyper2Kvm.Daemon.Control;

/// <summary>One kind of refusal of the control API: stable in name, listed in <c>docs/daemon-control.md</c>. Beside them, <c>code</c> can be one of <see cref="Core.Errors.ErrorCodes"/>.</summary>
/// <param name="Name">The <c>code</c> of the answer.</param>
/// <param name="HttpStatus">Its status over HTTP.</param>
/// <param name="Meaning">What happened, in one sentence.</param>
/// <param name="Hint">What to do about it.</param>
internal sealed record ControlError(string Name, int HttpStatus, string Meaning, string Hint)
{
    /// <summary>A request that cannot be read.</summary>
    public static readonly ControlError Malformed = new("request.malformed", 400, "The request is not what its command takes.", "See docs/daemon-control.md for the fields of each command.");

    /// <summary>A command that there is not.</summary>
    public static readonly ControlError UnknownCommand = new("request.unknown-command", 404, "There is no such command.", "available_commands names those that there are.");

    /// <summary>A way of HTTP that a path does not have.</summary>
    public static readonly ControlError WrongMethod = new("request.method", 405, "The path is there, but not with this method.", "What changes something is POST, all else GET; see /openapi/v1.json.");

    /// <summary>A request that does not end.</summary>
    public static readonly ControlError TooLong = new("request.too-long", 413, "The request is longer than is read.", "A request has few and short fields; end each with a line feed.");

    /// <summary>A request that does not come to its end.</summary>
    public static readonly ControlError TooSlow = new("request.timeout", 408, "The request did not come to its end in time.", "Send the whole line at once.");

    /// <summary>More connections than are served.</summary>
    public static readonly ControlError TooMany = new("connections.too-many", 503, "Too many clients are connected.", "Close connections that are not used; try again.");

    /// <summary>A caller on the loopback address without the token.</summary>
    public static readonly ControlError Unauthorized = new("request.unauthorized", 401, "The token is missing or wrong.", "Send Authorization: Bearer TOKEN, with the token of control.http_token.");

    /// <summary>A name that is not the loopback's: a page in a browser whose own name was made to point here.</summary>
    public static readonly ControlError ForeignHost = new("request.host", 421, "The Host header names another host.", "Use http://127.0.0.1, http://[::1] or http://localhost.");

    /// <summary>A job that there is not.</summary>
    public static readonly ControlError UnknownJob = new("job.unknown", 404, "There is no such job.", "hyper2kvm ctl jobs lists them.");

    /// <summary>A job that is not in a state for this.</summary>
    public static readonly ControlError JobState = new("job.state", 409, "The job is in a state that this cannot be done in.", "retry takes failed, cancelled and retrying jobs, cancel those that wait or run.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ControlError> All { get; } =
        [Malformed, UnknownCommand, WrongMethod, TooLong, TooSlow, TooMany, Unauthorized, ForeignHost, UnknownJob, JobState];
}
