using System.Text;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Output.Qemu;
using Hyper2Kvm.Helpers.Output.Tests.Support;

namespace Hyper2Kvm.Helpers.Output.Tests.Describing;

public sealed class QemuScriptTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("linux")]
    [InlineData("windows")]
    [InlineData("old")]
    [InlineData("transitional")]
    public void A_guest_has_the_script_that_was_approved_and_that_the_shell_can_read(string name)
    {
        var guest = Guests.All[name];
        var script = QemuScript.Build(guest, Guests.DisksOf(guest, name == "windows" ? "qcow2" : "raw"));

        Approved.Check($"{name}.sh", script);
        var checkedSyntax = CommandRunner.Run(new Command("sh", "-n") { Input = Encoding.UTF8.GetBytes(script) });
        checkedSyntax.ExitCode.Should().Be(0, checkedSyntax.ErrorText);
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("windows")]
    [InlineData("old")]
    [InlineData("transitional")]
    public void QEMU_starts_with_every_device_of_the_script(string name)
    {
        var guest = Guests.All[name] with { MemoryBytes = 256 << 20 };
        var script = Write(guest, _scratch.Target);

        var result = Start(script, "-display", "none", "-S", "-monitor", "stdio");

        result.ExitCode.Should().Be(0, result.ErrorText);
    }

    [Fact]
    public void A_name_and_a_folder_full_of_shell_syntax_are_taken_as_they_stand()
    {
        var guest = Guests.Linux with { Name = "it's \"1,2\" $(touch x) `y` \\z" };
        var folder = Directory.CreateDirectory(_scratch.InTarget("a, b's $HOME")).FullName;
        var script = Write(guest, folder);

        var result = Start(script, "-display", "none", "-S", "-monitor", "stdio");

        result.ExitCode.Should().Be(0, result.ErrorText);
        result.OutputText.Should().Contain("QEMU");
    }

    [Fact]
    public void The_agents_port_is_a_socket_beside_the_script_that_takes_connections()
    {
        var script = Write(Guests.Linux with { Name = "web,1", MemoryBytes = 256 << 20 }, _scratch.Target);

        var result = Start(script, ["-display", "none", "-S", "-monitor", "stdio"], "info chardev\n");

        result.ExitCode.Should().Be(0, result.ErrorText);
        result.OutputText.Should().Contain($"agent0: filename=disconnected:unix:{_scratch.InTarget("web,1.agent")},server=on");
    }

    [Fact]
    public void Where_its_path_is_too_long_for_a_socket_the_guest_starts_without_it()
    {
        var folder = Directory.CreateDirectory(_scratch.InTarget(new string('d', 120))).FullName;
        var result = Start(Write(Guests.Linux with { MemoryBytes = 256 << 20 }, folder), "-display", "none", "-S", "-monitor", "stdio");

        result.ExitCode.Should().Be(0, result.ErrorText);
        result.ErrorText.Should().Contain("no socket can be made");
    }

    [Fact]
    public void A_guest_with_UEFI_gets_variables_of_its_own_and_keeps_them()
    {
        var guest = Guests.Transitional with { MemoryBytes = 256 << 20 };
        var script = Write(guest, _scratch.Target);

        Start(script, "-display", "none", "-S", "-monitor", "stdio").ExitCode.Should().Be(0);
        var variables = _scratch.InTarget("transitional_VARS.fd");
        new FileInfo(variables).Length.Should().BePositive();
        var written = File.GetLastWriteTimeUtc(variables);
        Start(script, "-display", "none", "-S", "-monitor", "stdio").ExitCode.Should().Be(0);

        File.GetLastWriteTimeUtc(variables).Should().Be(written, "a paused guest writes nothing, and the script makes the file once");
    }

    [Fact]
    public void What_the_script_cannot_take_over_is_told() => QemuScript.Losses(Guests.Windows).Should().HaveCount(2);

    private static string Write(TargetMetadata guest, string folder)
    {
        var disks = Guests.DisksOf(guest, "raw", folder);
        foreach (var disk in disks)
        {
            using var file = File.Create(disk.Path);
            file.SetLength(1 << 20);
        }

        var script = Path.Combine(folder, "start.sh");
        File.WriteAllText(script, QemuScript.Build(guest, disks));
        return script;
    }

    private static CommandResult Start(string script, params string[] arguments) => Start(script, arguments, string.Empty);

    /// <summary>Starts QEMU and ends it through its monitor, which is asked something first.</summary>
    private static CommandResult Start(string script, string[] arguments, string asked)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var command = new Command("sh", [script, .. arguments])
        {
            Input = Encoding.UTF8.GetBytes($"{asked}quit\n"),
            Environment = new Dictionary<string, string?> { ["ACCEL"] = "tcg" },
        };
        return CommandRunner.Run(command, deadline.Token);
    }
}
