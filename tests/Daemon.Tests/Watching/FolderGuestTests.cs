namespace Hyper2Kvm.Daemon.Tests.Watching;

/// <summary>A folder in the watch folder is one guest.</summary>
public sealed class FolderGuestTests : IDisposable
{
    private readonly WatchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_with_a_VMX_is_one_guest()
    {
        _folder.Write("web/web.vmx", Samples.Vmx("web.vmdk", "data/web_1.vmdk")).Write("web/web.vmdk", Samples.Vmdk("web-flat.vmdk"))
            .Put("web/web-flat.vmdk", "web/data/web_1.vmdk", "web/vmware.log", "web/unused.vmdk", "web.job.yaml");

        var source = _folder.Candidate().ToSourceGroup(_folder.Root);

        source.Should().BeEquivalentTo(new
        {
            Name = "web",
            FileType = "vmx",
            InputType = "vmdk",
            Sources = new[] { _folder["web/web.vmdk"], _folder["web/data/web_1.vmdk"] },
            Entries = new[] { _folder["web"], _folder["web.job.yaml"] },
        });
        source.SizeBytes.Should().Be(Directory.GetFiles(_folder.Root, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length));
    }

    [Fact]
    public void It_waits_for_a_disk_that_its_VMX_names()
        => _folder.Write("web/web.vmx", Samples.Vmx("web.vmdk", "web_1.vmdk")).Put("web/web.vmdk").Candidate().Problem.Should().Contain("web_1.vmdk");

    [Fact]
    public void It_waits_while_a_file_in_it_is_called_unfinished()
        => _folder.Write("web/web.vmx", Samples.Vmx("web.vmdk")).Put("web/web.vmdk", "web/more.vmdk.filepart").Candidate().Problem.Should().Contain("more.vmdk.filepart");

    [Fact]
    public void What_VMware_leaves_behind_does_not_hold_it()
        => _folder.Write("web/web.vmx", Samples.Vmx("web.vmdk")).Put("web/web.vmdk", "web/web.vmx~", "web/web.vmdk.lck/M1.lck").Candidate().Problem.Should().BeNull();

    [Fact]
    public void A_folder_with_a_VirtualBox_machine_gives_the_disks_of_its_present_state()
    {
        _folder.Write("web/web.vbox", Samples.Vbox(current: "Snapshots/{leaf}.vdi", parent: "web.vdi")).Put("web/Snapshots/{leaf}.vdi", "web/web.vdi", "web/data.vdi");

        var source = _folder.Candidate().ToSourceGroup(_folder.Root);

        source.Should().BeEquivalentTo(new { FileType = "vbox", InputType = "vdi", Sources = new[] { _folder["web/Snapshots/{leaf}.vdi"], _folder["web/data.vdi"] } });
    }

    [Fact]
    public void An_export_of_Hyper_V_gives_the_disks_that_its_XML_names_by_their_file_names()
    {
        _folder.Write("web/Virtual Machines/4711.xml", Samples.HypervXml(@"C:\VMs\boot.avhdx", @"D:\data.vhd", @"C:\tools.iso"))
            .Write("web/Virtual Hard Disks/boot.avhdx", Samples.DifferencingVhdx(@"..\boot.vhdx")).Put("web/Virtual Hard Disks/boot.vhdx", "web/Virtual Hard Disks/data.vhd");

        var source = _folder.Candidate().ToSourceGroup(_folder.Root);

        source.Should().BeEquivalentTo(new { FileType = "xml", InputType = "disk", Sources = new[] { _folder["web/Virtual Hard Disks/boot.avhdx"], _folder["web/Virtual Hard Disks/data.vhd"] } });
    }

    [Fact]
    public void An_export_whose_description_is_binary_gives_all_its_disks_after_quiet()
    {
        _folder.Put("web/Virtual Machines/4711.vmcx", "web/Virtual Machines/4711.vmrs", "web/Snapshots/0815.vmcx", "web/Virtual Hard Disks/b10.vhdx", "web/Virtual Hard Disks/b9.vhdx");

        var guest = _folder.Candidate();

        guest.Should().BeEquivalentTo(new { FileType = "vmcx", NeedsQuiet = true, Problem = (string?)null });
        guest.Sources.Select(disk => Path.GetFileName(disk.Path)).Should().Equal("b9.vhdx", "b10.vhdx");
    }

    [Fact]
    public void A_folder_without_a_description_is_its_disks_in_natural_order_after_quiet()
    {
        _folder.Put("web/disk10.vmdk", "web/disk2.vmdk", "web/disk1.vhd", "web/readme.txt").Write("web/disk3.vmdk", Samples.Vmdk("disk3-flat.vmdk")).Put("web/disk3-flat.vmdk");

        var guest = _folder.Candidate();

        guest.Should().BeEquivalentTo(new { Name = "web", FileType = "vhd", NeedsQuiet = true, Problem = (string?)null });
        guest.Sources.Select(disk => disk.Name).Should().Equal("disk1.vhd", "disk2.vmdk", "disk3.vmdk", "disk10.vmdk");
        guest.ToSourceGroup(_folder.Root).InputType.Should().Be("disk");
    }

    [Fact]
    public void A_folder_with_two_guests_is_refused()
        => _folder.Write("many/a/a.vmx", Samples.Vmx("a.vmdk")).Write("many/b/b.vmx", Samples.Vmx("b.vmdk")).Put("many/a/a.vmdk", "many/b/b.vmdk")
            .Candidate().Problem.Should().Contain("2 guests").And.Contain("each in a folder of its own");

    [Fact]
    public void A_folder_without_a_disk_says_so()
        => _folder.Put("notes/readme.txt").Candidate().Problem.Should().Contain("notes holds no disk");
}
