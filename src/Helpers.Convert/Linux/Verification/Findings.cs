using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>Collects what the checks of an image find; the same thing is kept once.</summary>
internal sealed class Findings
{
    /// <summary>Severity of what keeps the guest from booting.</summary>
    public const string ErrorSeverity = "error";

    /// <summary>Severity of what a person should know.</summary>
    public const string WarningSeverity = "warning";

    private readonly List<VerificationFinding> _found = [];

    /// <summary>What was found, errors first.</summary>
    public IReadOnlyList<VerificationFinding> All => [.. _found.Distinct().OrderBy(finding => finding.Severity != ErrorSeverity)];

    /// <summary>Notes what keeps the guest from booting, or from booting whole.</summary>
    /// <param name="check">The check.</param>
    /// <param name="subject">File, volume or menu entry.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="remedy">What to do about it.</param>
    public void Error(string check, string subject, string message, string remedy) => Add(ErrorSeverity, check, subject, message, remedy);

    /// <summary>Notes what a person should know.</summary>
    /// <param name="check">The check.</param>
    /// <param name="subject">File, volume or menu entry.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="remedy">What to do about it.</param>
    public void Warn(string check, string subject, string message, string remedy) => Add(WarningSeverity, check, subject, message, remedy);

    /// <summary>Notes either of the two.</summary>
    /// <param name="isError">Whether it keeps the guest from booting.</param>
    /// <param name="check">The check.</param>
    /// <param name="subject">File, volume or menu entry.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="remedy">What to do about it.</param>
    public void Add(bool isError, string check, string subject, string message, string remedy) => Add(isError ? ErrorSeverity : WarningSeverity, check, subject, message, remedy);

    private void Add(string severity, string check, string subject, string message, string remedy)
        => _found.Add(new VerificationFinding { Severity = severity, Check = check, Object = StepPlan.Shown(subject), Message = StepPlan.Shown(message), Remedy = remedy });
}
