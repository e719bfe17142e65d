using System.Xml.Linq;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Output.Tests.Support;

namespace Hyper2Kvm.Helpers.Output.Tests.Steps;

public sealed class LocalOutputTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public LocalOutputTests() => _scratch.Work.Save(Guests.Linux);

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Raw_disks_are_written_directly_and_get_their_names_at_the_end()
    {
        _scratch.Succeed("output-local", "setup", "-os", _scratch.Target);

        _scratch.TargetNames.Should().HaveCount(2).And.OnlyContain(name => name.StartsWith('.') && name.EndsWith(".part"));
        new FileInfo(_scratch.Work.OutTarget(0)).LinkTarget.Should().StartWith(_scratch.InTarget(".web-sda."));
        _scratch.Servers().Should().BeEmpty("a raw file needs no server");
        _scratch.Fill(0, 0xa1);
        _scratch.Fill(1, 0xb2);

        _scratch.Succeed("output-local", "final");

        _scratch.TargetNames.Should().Equal("web-sda", "web-sdb", "web.xml");
        _scratch.Holds("web-sda", "raw", 0xa1).Should().BeTrue();
        _scratch.Holds("web-sdb", "raw", 0xb2).Should().BeTrue();
        new FileInfo(_scratch.InTarget("web-sda")).Length.Should().Be(Guests.Linux.Disks[0].VirtualBytes);
        File.GetUnixFileMode(_scratch.InTarget("web-sda")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, "nobody else reads a guest's disk");
        XDocument.Load(_scratch.InTarget("web.xml")).Root!.Element("devices")!.Element("disk")!.Element("source")!.Attribute("file")!.Value
            .Should().Be(_scratch.InTarget("web-sda"));
        _scratch.Work.IsDone.Should().BeTrue();
    }

    [Fact]
    public void Qcow2_disks_are_written_directly_too()
    {
        _scratch.Succeed("output-local", "setup", "-os", _scratch.Target, "-of", "qcow2", "-oo", "cluster_size=2M", "-oo", "compressed");
        _scratch.Servers().Should().BeEmpty("the copy writes the images itself");
        new FileInfo(new FileInfo(_scratch.Work.OutTarget(0)).LinkTarget!).Length.Should().Be(0, "the copy makes the image");
        Qcow2Options.Of(_scratch.Work.LoadJob().Output).Should().Be(new Qcow2Options { ClusterBytes = 2 << 20, Compressed = true });
        _scratch.Fill(0, 0xa1);
        _scratch.Fill(1, 0xb2);

        _scratch.Succeed("output-local", "final");

        _scratch.TargetNames.Should().Equal("web-sda", "web-sdb", "web.xml");
        _scratch.Holds("web-sda", "qcow2", 0xa1).Should().BeTrue();
        _scratch.Holds("web-sdb", "qcow2", 0xb2).Should().BeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("qemu-img create -q -f qcow2 FILE 5M")]
    [InlineData("qemu-img create -q -f qcow2 FILE 4M && truncate -s 64k FILE")]
    [InlineData("qemu-img create -q -f qcow2 FILE 4M && printf '\\0\\0\\0\\1' | dd of=FILE bs=1 seek=76 conv=notrunc status=none")]
    [InlineData("qemu-img create -q -f qcow FILE 4M")]
    public void A_qcow2_disk_that_is_not_whole_is_refused_by_final(string made)
    {
        _scratch.Succeed("output-local", "setup", "-os", _scratch.Target, "-of", "qcow2");
        _scratch.Fill(0, 0xa1);
        var path = new FileInfo(_scratch.Work.OutTarget(1)).LinkTarget!;
        CommandRunner.Run(new Command("sh", "-c", made.Replace("FILE", path))).ExitCode.Should().Be(0);

        var result = _scratch.Run("output-local", "final");

        result.ExitCode.Should().Be(ErrorCodes.OutputFinal.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain(path);
        _scratch.TargetNames.Should().BeEmpty();
        _scratch.Work.IsDone.Should().BeFalse();
    }

    [Fact]
    public void The_flags_of_setup_are_in_the_job_for_those_who_come_after()
    {
        _scratch.Succeed("output-local", "setup", "-os", _scratch.Target, "-on", "renamed", "-oa", "preallocated", "-oo", "virt-type=qemu");

        var job = _scratch.Work.LoadJob();
        job.Name.Should().Be("renamed");
        job.Output.Should().BeEquivalentTo(new { Type = "local", Storage = _scratch.Target, Allocation = "preallocated" });

        _scratch.Succeed("output-local", "final");
        _scratch.TargetNames.Should().Equal("renamed-sda", "renamed-sdb", "renamed.xml");
        XDocument.Load(_scratch.InTarget("renamed.xml")).Root!.Attribute("type")!.Value.Should().Be("qemu");
    }

    [Fact]
    public void A_name_that_is_no_file_name_is_made_one_and_that_is_told()
    {
        var result = _scratch.Run("output-local", "setup", "-os", _scratch.Target, "-on", "../a/b\n");

        result.ExitCode.Should().Be(0, result.ErrorText);
        result.ErrorText.Should().Contain("warning").And.Contain("_._a_b");
        _scratch.Succeed("output-local", "final");
        _scratch.TargetNames.Should().Equal("_._a_b-sda", "_._a_b-sdb", "_._a_b.xml");
    }

    [Fact]
    public void Final_may_be_repeated_and_undo_refuses_a_guest_that_is_whole()
    {
        _scratch.Succeed("output-local", "setup", "-os", _scratch.Target);
        _scratch.Succeed("output-local", "final");
        _scratch.Succeed("output-local", "final");

        _scratch.Run("output-local", "undo").ExitCode.Should().Be(ErrorCodes.Cleanup.ExitCode);

        _scratch.TargetNames.Should().HaveCount(3);
    }

    [Fact]
    public void Final_before_setup_or_in_the_middle_of_the_copy_is_refused_and_destroys_nothing()
    {
        _scratch.Run("output-local", "final").ExitCode.Should().Be(ErrorCodes.OutputFinal.ExitCode);

        _scratch.Succeed("output-local", "setup", "-os", _scratch.Target);
        File.WriteAllBytes(_scratch.Work.CopyFlag, []);
        _scratch.Run("output-local", "final").ExitCode.Should().Be(ErrorCodes.OutputFinal.ExitCode);

        _scratch.TargetNames.Should().HaveCount(2, "the copy is still writing there");
    }

    [Fact]
    public void A_second_setup_begins_anew()
    {
        _scratch.Succeed("output-local", "setup", "-os", _scratch.Target, "-of", "qcow2");
        _scratch.Succeed("output-local", "setup", "-os", _scratch.Target, "-of", "raw");

        _scratch.Servers().Should().BeEmpty();
        _scratch.TargetNames.Should().HaveCount(2);
        _scratch.Succeed("output-local", "final");
        _scratch.TargetNames.Should().Equal("web-sda", "web-sdb", "web.xml");
    }

    [Fact]
    public void The_program_made_of_QEMU_alone_and_the_one_that_throws_away()
    {
        _scratch.Succeed("output-qemu", "setup", "-os", _scratch.Target);
        _scratch.Succeed("output-qemu", "final");
        _scratch.TargetNames.Should().Equal("web-sda", "web-sdb", "web.sh");
        File.GetUnixFileMode(_scratch.InTarget("web.sh")).Should().HaveFlag(UnixFileMode.UserExecute);

        File.Delete(_scratch.Work.DoneFlag);
        _scratch.Work.Save(_scratch.Work.LoadJob() with { Output = new JobOutput() });
        _scratch.Succeed("output-null", "setup", "--owner", "none");
        _scratch.Fill(0, 1);
        _scratch.Succeed("output-null", "final");

        _scratch.Servers().Should().BeEmpty();
        _scratch.Work.IsDone.Should().BeTrue();
    }

    [Theory]
    [InlineData("-of", "vdi")]
    [InlineData("-oa", "thin")]
    [InlineData("-oo", "colour=blue")]
    [InlineData("-oo", "cluster_size")]
    [InlineData("-oo", "compressed")]
    [InlineData("-oo", "virt-type=xen")]
    [InlineData("-oo", "tpm=1")]
    [InlineData("--owner", "nobody")]
    public void Flags_that_mean_nothing_are_a_usage_error(string flag, string value)
    {
        var result = _scratch.Run("output-local", "setup", "-os", _scratch.Target, flag, value);

        result.ExitCode.Should().Be(ErrorCodes.Usage.ExitCode, result.ErrorText);
        _scratch.TargetNames.Should().BeEmpty();
    }
}
