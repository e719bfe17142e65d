using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Supervisor.Display;

/// <summary>What a verification found, for people.</summary>
internal static class VerificationText
{
    private const string ErrorSeverity = "error";

    /// <summary>Whether something keeps the guest from booting.</summary>
    /// <param name="found">What was found.</param>
    public static bool HasErrors(GuestVerification found) => found.Result.Findings.Any(finding => finding.Severity == ErrorSeverity);

    /// <summary>Its lines: the findings with their remedies, the file systems, the verdict last.</summary>
    /// <param name="found">What was found.</param>
    public static IEnumerable<string> Lines(GuestVerification found)
    {
        foreach (var finding in found.Result.Findings)
        {
            yield return InspectionTree.Printable($"{finding.Severity}: {finding.Object}: {finding.Message}");
            yield return InspectionTree.Printable($"    {finding.Remedy}");
        }

        foreach (var checkedOne in found.Result.FileSystems)
        {
            yield return InspectionTree.Printable($"{checkedOne.Device} ({checkedOne.Type}): {checkedOne.State}{(checkedOne.Note is null ? string.Empty : $", {checkedOne.Note}")}");
        }

        var errors = found.Result.Findings.Count(finding => finding.Severity == ErrorSeverity);
        var warnings = found.Result.Findings.Count - errors;
        yield return InspectionTree.Printable($"{found.Name} ({found.OperatingSystem?.ProductName ?? "unknown system"}): {Verdict(found, errors)}{(warnings > 0 ? $"; {Count(warnings, "warning")}" : string.Empty)}");
    }

    private static string Verdict(GuestVerification found, int errors)
        => errors > 0 ? $"does not boot on KVM as it is: {Count(errors, "error")}"
            : found.OperatingSystem?.Family == "windows" ? "not checked"
            : "nothing was found that keeps it from booting on KVM";

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? string.Empty : "s")}";
}
