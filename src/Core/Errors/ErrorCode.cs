namespace Hyper2Kvm.Core.Errors;

/// <summary>One kind of failure: stable in name and number, listed in <c>docs/exit-codes.md</c>.</summary>
/// <param name="Name">Stable dotted name, as the <c>code</c> field of an event carries it, for example <c>input.truncated</c>.</param>
/// <param name="ExitCode">Exit status of the program that fails with it. The tens tell the step: see <see cref="ErrorCodes"/>.</param>
/// <param name="Meaning">What happened, in one sentence, without the object.</param>
/// <param name="Remedy">What a person can do about it; the hint where a failure brings none of its own.</param>
/// <param name="CanPass">Whether the same run can succeed later with nobody having changed the source or the command line: a network, a lock, space, memory. What the daemon tries again.</param>
public sealed record ErrorCode(string Name, int ExitCode, string Meaning, string Remedy, bool CanPass = false);
