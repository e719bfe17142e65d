using System.Xml.Linq;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Disks;
using Hyper2Kvm.Helpers.Output.Libvirt;
using Hyper2Kvm.Helpers.Output.Outputs;
using Hyper2Kvm.Helpers.Output.Steps;
using Hyper2Kvm.Helpers.Output.Tests.Support;
using Hyper2Kvm.Helpers.Output.Undo;

namespace Hyper2Kvm.Helpers.Output.Tests.Libvirt;

public sealed class LibvirtOutputTests : IClassFixture<PrivateLibvirt>, IDisposable
{
    private readonly PrivateLibvirt _libvirt;
    private readonly Scratch _scratch = new();

    public LibvirtOutputTests(PrivateLibvirt libvirt)
    {
        _libvirt = libvirt;
        _scratch.Work.Save(Guests.Linux);
    }

    private string[] PoolNames => [.. Directory.EnumerateFileSystemEntries(_libvirt.PoolDirectory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        foreach (var uuid in new Virsh(_libvirt.Connection).DomainUuids())
        {
            new Virsh(_libvirt.Connection).Undefine(uuid);
        }

        foreach (var path in Directory.EnumerateFileSystemEntries(_libvirt.PoolDirectory))
        {
            File.Delete(path);
        }

        _libvirt.Virsh("pool-refresh", "default");
        _scratch.Dispose();
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public void A_guest_is_defined_with_its_disks_as_volumes_of_the_pool(string format)
    {
        _scratch.Succeed("output-libvirt", "setup", "-oc", _libvirt.Connection, "-of", format);
        _scratch.Fill(0, 7);
        _scratch.Fill(1, 8);
        _scratch.Succeed("output-libvirt", "final");

        PoolNames.Should().Equal("web-sda", "web-sdb");
        _libvirt.Virsh("vol-list", "default").Should().Contain("web-sda").And.Contain("web-sdb");
        XDocument.Parse(_libvirt.Virsh("vol-dumpxml", "--pool", "default", "web-sda")).Root!.Element("target")!.Element("format")!.Attribute("type")!.Value.Should().Be(format);
        var domain = XDocument.Parse(_libvirt.Virsh("dumpxml", "--inactive", "web")).Root!;
        domain.Element("uuid")!.Value.Should().Be($"{Guests.Linux.Uuid}");
        domain.Descendants("disk").Select(disk => disk.Element("source")!.Attribute("volume")!.Value).Should().Equal("web-sda", "web-sdb");
        domain.Descendants("interface").Single().Element("mac")!.Attribute("address")!.Value.Should().Be("00:50:56:aa:bb:cc");
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("windows")]
    [InlineData("old")]
    [InlineData("transitional")]
    public void Libvirt_accepts_every_kind_of_guest(string name)
    {
        var guest = Guests.All[name];
        _scratch.Work.Save(guest);

        // swtpm need not be installed for the tests.
        _scratch.Succeed("output-libvirt", "setup", "-oc", _libvirt.Connection, "-os", "default", "-oo", "tpm=none");
        _scratch.Succeed("output-libvirt", "final");

        new Virsh(_libvirt.Connection).DomainNames().Should().Contain(guest.Name);
    }

    [Fact]
    public void A_host_without_KVM_gets_an_emulated_guest()
    {
        _scratch.Succeed("output-libvirt", "setup", "-oc", _libvirt.Connection, "-oo", "virt-type=qemu");
        _scratch.Succeed("output-libvirt", "final");

        XDocument.Parse(_libvirt.Virsh("dumpxml", "--inactive", "web")).Root!.Attribute("type")!.Value.Should().Be("qemu");
    }

    [Fact]
    public void A_domain_of_the_name_is_refused_and_left_alone()
    {
        _libvirt.Virsh("define", WriteDomain("web", Guid.NewGuid()));

        Refuses(ErrorCodes.OutputExists, "'web'", "setup", "-oc", _libvirt.Connection);

        PoolNames.Should().BeEmpty();
        new Virsh(_libvirt.Connection).DomainNames().Should().Contain("web");
    }

    [Fact]
    public void A_domain_of_the_UUID_is_refused()
    {
        _libvirt.Virsh("define", WriteDomain("elder", Guests.Linux.Uuid!.Value));

        Refuses(ErrorCodes.OutputExists, $"{Guests.Linux.Uuid}", "setup", "-oc", _libvirt.Connection);
    }

    [Fact]
    public void A_domain_that_came_while_the_copy_ran_is_not_changed_and_the_disks_go()
    {
        _scratch.Succeed("output-libvirt", "setup", "-oc", _libvirt.Connection);
        var elder = Guid.NewGuid();
        _libvirt.Virsh("define", WriteDomain("web", elder));

        Refuses(ErrorCodes.OutputExists, "'web'", "final");

        PoolNames.Should().BeEmpty();
        new Virsh(_libvirt.Connection).DomainUuids().Should().Equal(elder);
        _libvirt.Virsh("vol-list", "default").Should().NotContain("web");
    }

    [Fact]
    public void What_libvirt_says_against_a_guest_is_told_and_everything_is_removed_again()
    {
        // An i440fx has one IDE controller with room for four.
        var disks = Enumerable.Range(0, 5).Select(index => new TargetDisk { Index = index, Bus = DiskBus.Ide, VirtualBytes = 1 << 20 });
        _scratch.Work.Save(Guests.Old with { Name = "web", Disks = [.. disks] });
        _scratch.Succeed("output-libvirt", "setup", "-oc", _libvirt.Connection);

        Refuses(ErrorCodes.FinalLibvirt, "IDE", "final");

        PoolNames.Should().BeEmpty();
        new Virsh(_libvirt.Connection).DomainNames().Should().BeEmpty();
        _libvirt.Virsh("vol-list", "default").Should().NotContain("web");
        _scratch.Work.IsDone.Should().BeFalse();
    }

    [Fact]
    public void A_machine_that_the_host_does_not_know_is_refused_before_anything_is_copied()
    {
        _scratch.Work.Save(Guests.Linux with { Capabilities = Guests.Linux.Capabilities with { Machine = "q36" } });

        Refuses(ErrorCodes.OutputLibvirt, "q36", "setup", "-oc", _libvirt.Connection);
    }

    [Theory]
    [InlineData("nowhere", "default")]
    [InlineData("stopped", "pool-start")]
    public void A_pool_that_cannot_take_disks_is_told_with_what_to_do(string pool, string hint)
    {
        var result = _scratch.Run("output-libvirt", "setup", "-oc", _libvirt.Connection, "-os", pool);

        result.ExitCode.Should().Be(ErrorCodes.OutputLibvirt.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain($"'{pool}'").And.Contain(hint);
    }

    [Theory]
    [InlineData("qemu+ssh://root@far.example.org/system")]
    [InlineData("qemu+unix:///system?socket=/nowhere/libvirt-sock")]
    [InlineData("no uri")]
    public void A_libvirt_that_cannot_be_used_from_here_is_named(string uri)
        => Refuses(ErrorCodes.OutputLibvirt, uri, "setup", "-oc", uri);

    [Fact]
    public void Killed_between_define_and_done_neither_a_domain_nor_a_volume_is_left()
    {
        // The domain is there, and "done" is not yet: the last moment that is to be taken back.
        var output = new LibvirtOutput();
        var job = _scratch.JobFor("libvirt") with { Output = new JobOutput { Type = "libvirt", Connection = _libvirt.Connection } };
        var journal = UndoJournal.Open(_scratch.Work);
        SetupStep.Prepare(_scratch.Step("setup"), output, job, journal);
        output.Final(OutputRun.Load(_scratch.Step("final"), job, journal));
        new Virsh(_libvirt.Connection).DomainNames().Should().Equal("web");

        UndoStep.Run(_scratch.Step("undo"));

        new Virsh(_libvirt.Connection).DomainNames().Should().BeEmpty();
        PoolNames.Should().BeEmpty();
        _libvirt.Virsh("vol-list", "default").Should().NotContain("web");
    }

    private void Refuses(ErrorCode code, string named, params string[] arguments)
    {
        var result = _scratch.Run("output-libvirt", arguments);

        result.ExitCode.Should().Be(code.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain(named);
    }

    private string WriteDomain(string name, Guid uuid)
    {
        var file = Path.Combine(_scratch.Root, $"{name}.xml");
        var guest = Guests.Linux with { Name = name, Uuid = uuid, Disks = [] };
        File.WriteAllText(file, DomainXml.Build(guest, Array.Empty<DiskSource>(), new DomainHost { IsKvm = false }));
        return file;
    }
}
