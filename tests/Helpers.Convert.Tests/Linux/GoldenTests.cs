using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux;

/// <summary>File trees of guests before a conversion, and what it does to them: see <see cref="GoldenCase"/>.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Names => [.. GoldenCase.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_conversion_changes_what_it_should_and_a_second_one_nothing(string name)
    {
        using var golden = new GoldenCase(name);

        var changes = golden.Changes(golden.Guest.Convert().Report);

        changes.Should().Be(golden.Expected(changes), "UPDATE_GOLDEN=1 writes what is expected");
        golden.Guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_edited_is_read_by_its_own_tool(string name)
    {
        using var golden = new GoldenCase(name);
        golden.Guest.Convert();
        var root = golden.Guest.Root;

        Tool("findmnt", "--verify", "--tab-file", $"{root}/etc/fstab").Should().NotMatchRegex("[1-9][0-9]* parse error");
        if (File.Exists($"{root}/etc/mdadm/mdadm.conf"))
            Tool("mdadm", "--examine", "--scan", "--config", $"{root}/etc/mdadm/mdadm.conf").Should().BeEmpty();
        if (File.Exists($"{root}/etc/lvm/lvm.conf"))
            Tool("env", $"LVM_SYSTEM_DIR={root}/etc/lvm", "lvmconfig", "--validate").Should().Contain("valid");
        if (Directory.Exists($"{root}/etc/netplan"))
            Tool("netplan", "generate", "--root-dir", root).Should().NotContain("rror");
        foreach (var unit in Units(root))
            Tool("systemd-analyze", "verify", "--recursive-errors=no", "--man=no", unit).Should().NotContainAny("Unknown", "Failed to parse", "bad-setting", "Bad message");
    }

    private static IEnumerable<string> Units(string root)
        => Directory.Exists($"{root}/etc/systemd/system")
            ? new DirectoryInfo($"{root}/etc/systemd/system").EnumerateFiles().Where(file => file.LinkTarget is null && file.Extension is ".mount" or ".swap").Select(file => file.FullName)
            : [];

    private static string Tool(string program, params string[] arguments)
    {
        var result = CommandRunner.Run(new Command(program, arguments));
        return System.Text.Encoding.UTF8.GetString(result.Output) + result.ErrorText;
    }
}
