using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Supervisor.Display;

namespace Hyper2Kvm.Supervisor.Tests.Display;

public sealed class VerificationTextTests
{
    [Fact]
    public void Findings_stand_with_their_remedies_and_the_verdict_is_last()
        => Lines(new VerificationResult
        {
            Findings = [Finding("error", "no driver\u001b[31m"), Finding("warning", "no name")],
            FileSystems = [new CheckedFileSystem { Device = "/dev/sda1", Type = "ext4", State = "clean" }, new CheckedFileSystem { Device = "/dev/sda2", Type = "xfs", State = "unfinished", Note = "60 s were over" }],
        }).Should().Equal(
            "error: /boot/initrd: no driver?[31m",
            "    Convert it.",
            "warning: /boot/initrd: no name",
            "    Convert it.",
            "/dev/sda1 (ext4): clean",
            "/dev/sda2 (xfs): unfinished, 60 s were over",
            "web01 (Debian 12): does not boot on KVM as it is: 1 error; 1 warning");

    [Theory]
    [InlineData("linux", "web01 (Debian 12): nothing was found that keeps it from booting on KVM")]
    [InlineData("windows", "web01 (Debian 12): not checked")]
    public void A_guest_without_findings_is_called_sound_unless_nobody_looked(string family, string verdict)
    {
        var found = Document(new VerificationResult(), family);
        VerificationText.Lines(found).Should().Equal(verdict);
        VerificationText.HasErrors(found).Should().BeFalse();
    }

    private static IEnumerable<string> Lines(VerificationResult result) => VerificationText.Lines(Document(result, "linux"));

    private static VerificationFinding Finding(string severity, string message) => new() { Severity = severity, Check = "initramfs", Object = "/boot/initrd", Message = message, Remedy = "Convert it." };

    private static GuestVerification Document(VerificationResult result, string family) => new()
    {
        Schema = GuestVerification.SchemaName,
        Name = "web01",
        OperatingSystem = new OperatingSystemMetadata { Family = family, ProductName = "Debian 12" },
        Result = result,
    };
}
