namespace Hyper2Kvm.Daemon.Tests.Watching;

/// <summary>Which files are one guest.</summary>
public sealed class GroupingTests : IDisposable
{
    private readonly WatchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("web.vmdk", "vmdk", "vmdk")]
    [InlineData("web.VHD", "vhd", "vhd")]
    [InlineData("web.vhdx", "vhdx", "vhdx")]
    [InlineData("web.vdi", "vdi", "vdi")]
    [InlineData("web.qcow2", "qcow2", "disk")]
    [InlineData("web.RAW", "raw", "disk")]
    [InlineData("web.img", "img", "disk")]
    [InlineData("web.ova", "ova", "ova")]
    public void A_plain_file_is_a_guest(string file, string fileType, string inputType)
    {
        var source = _folder.Put(file).Candidate().ToSourceGroup(_folder.Root);

        source.Should().BeEquivalentTo(new
        {
            Name = "web",
            FileType = fileType,
            InputType = inputType,
            Sources = new[] { _folder[file] },
            Entries = new[] { _folder[file] },
            SizeBytes = new FileInfo(_folder[file]).Length,
        });
    }

    [Fact]
    public void A_descriptor_takes_its_extents_and_its_change_tracking_along()
    {
        _folder.Write("web.vmdk", Samples.Vmdk("web-f001.vmdk web-f002.vmdk odd-name.bin", tracking: "web-ctk.vmdk")).Put("web-f001.vmdk", "web-f002.vmdk", "odd-name.bin", "web-ctk.vmdk");

        var guest = _folder.Candidate();

        guest.Problem.Should().BeNull();
        Names(guest.Sources).Should().Equal("web.vmdk");
        guest.Entries.Should().Equal("web.vmdk", "web-f001.vmdk", "web-f002.vmdk", "odd-name.bin", "web-ctk.vmdk");
    }

    [Fact]
    public void Two_descriptors_are_two_guests_with_their_own_extents()
    {
        _folder.Write("a.vmdk", Samples.Vmdk("a-flat.vmdk")).Write("b.vmdk", Samples.Vmdk("b-flat.vmdk")).Put("a-flat.vmdk", "b-flat.vmdk");

        _folder.Candidates().Select(guest => string.Join(' ', guest.Entries)).Should().BeEquivalentTo("a.vmdk a-flat.vmdk", "b.vmdk b-flat.vmdk");
    }

    [Theory]
    [InlineData("web-flat.vmdk")]
    [InlineData("web-s001.vmdk")]
    [InlineData("web-f001.vmdk")]
    [InlineData("web-000001-delta.vmdk")]
    [InlineData("web-ctk.vmdk")]
    [InlineData("WEB-FLAT.VMDK")]
    public void An_extent_without_its_descriptor_waits_for_it(string extent)
        => _folder.Put(extent).Candidate().Problem.Should().Contain(extent).And.Contain("bring the descriptor");

    [Fact]
    public void An_extent_is_known_by_its_content_too()
        => _folder.Write("web_2.vmdk", Samples.SparseVmdk(embedded: null)).Candidate().Problem.Should().Contain("bring the descriptor");

    [Fact]
    public void The_extents_of_one_disk_are_told_once()
        => _folder.Put([.. Enumerable.Range(1, 20).Select(number => $"web-s{number:000}.vmdk")]).Candidate().Problem.Should().StartWith("web-s001.vmdk and its like");

    [Fact]
    public void A_missing_extent_is_named()
        => _folder.Write("web.vmdk", Samples.Vmdk("web-f001.vmdk web-f002.vmdk")).Put("web-f001.vmdk").Candidate().Problem.Should().Contain("web-f002.vmdk");

    [Fact]
    public void A_snapshot_takes_its_parents_along_and_is_the_source()
    {
        _folder.Write("web.vmdk", Samples.Vmdk("web-flat.vmdk"))
            .Write("web-000001.vmdk", Samples.Vmdk("web-000001-delta.vmdk", parent: "web.vmdk"))
            .Write("web-000002.vmdk", Samples.SparseVmdk(Samples.Vmdk("whatever.vmdk", parent: "web-000001.vmdk")))
            .Put("web-flat.vmdk", "web-000001-delta.vmdk");

        var guest = _folder.Candidate();

        guest.Problem.Should().BeNull();
        Names(guest.Sources).Should().Equal("web-000002.vmdk");
        guest.Entries.Should().BeEquivalentTo("web-000002.vmdk", "web-000001.vmdk", "web-000001-delta.vmdk", "web.vmdk", "web-flat.vmdk");
    }

    [Fact]
    public void Differencing_disks_of_Hyper_V_and_QEMU_take_their_parents_along()
    {
        _folder.Put("a.vhd", "b.vhdx", "c.img")
            .Write("a1.avhd", Samples.DifferencingVhd(@"D:\Disks\a.vhd"))
            .Write("b1.avhdx", Samples.DifferencingVhdx(@".\b.vhdx"))
            .Write("c1.qcow2", Samples.Qcow2("c.img"));

        _folder.Candidates().Select(guest => string.Join(' ', guest.Entries)).Should().BeEquivalentTo("a1.avhd a.vhd", "b1.avhdx b.vhdx", "c1.qcow2 c.img");
    }

    [Fact]
    public void Two_snapshots_of_one_disk_wait_because_nothing_says_which_is_the_guest()
    {
        _folder.Put("a.img").Write("b.qcow2", Samples.Qcow2("a.img")).Write("c.qcow2", Samples.Qcow2("a.img"));

        _folder.Candidates().Should().HaveCount(2).And.OnlyContain(guest => guest.Problem!.Contains("both need a.img"));
    }

    [Fact]
    public void An_OVF_takes_its_disks_and_its_manifest_along()
    {
        _folder.Write("web.ovf", Samples.Ovf("web-disk1.vmdk", "tools.iso", "web-disk2.vmdk")).Put("web-disk1.vmdk", "web-disk2.vmdk", "tools.iso", "web.mf", "web.cert");

        var source = _folder.Candidate().ToSourceGroup(_folder.Root);

        source.Should().BeEquivalentTo(new { Name = "web", FileType = "ovf", InputType = "vmdk", Sources = new[] { _folder["web-disk1.vmdk"], _folder["web-disk2.vmdk"] } });
        source.Entries.Should().BeEquivalentTo([_folder["web.ovf"], _folder["web-disk1.vmdk"], _folder["web-disk2.vmdk"], _folder["tools.iso"], _folder["web.mf"], _folder["web.cert"]]);
    }

    [Fact]
    public void A_disk_with_the_name_of_an_OVFs_disk_waits_for_quiet_of_all_its_neighbours()
    {
        _folder.Put("web-disk1.vmdk", "web-disk2.vmdk", "other.vmdk");

        var disk = _folder.Candidates().Single(guest => guest.Name == "web-disk1");

        disk.NeedsQuiet.Should().BeTrue();
        Names(disk.Neighbours).Should().Equal("web-disk2.vmdk");
    }

    [Fact]
    public void A_disk_beside_an_OVF_that_cannot_be_read_waits_for_it()
    {
        _folder.Write("web.ovf", "<Envelope><References>").Put("web-disk1.vmdk");

        _folder.Candidates().Should().HaveCount(2).And.OnlyContain(guest => guest.Problem!.Contains("cannot be read"));
    }

    [Fact]
    public void A_VMX_in_the_watch_folder_takes_its_disks_along_in_the_order_of_its_buses()
    {
        var disks = Enumerable.Range(0, 12).Select(number => $"web_{number}.vmdk").ToArray();
        _folder.Write("web.vmx", "bios.hddOrder = \"scsi0:3\"\nscsi0:5.present = \"FALSE\"\n" + Samples.Vmx(disks)).Put([.. disks, "web.nvram", "web.vmsd"]);

        var guest = _folder.Candidates().Single(candidate => candidate.Name == "web");

        Names(guest.Sources).Should().Equal("web_3.vmdk", "web_0.vmdk", "web_1.vmdk", "web_2.vmdk", "web_4.vmdk", "web_6.vmdk", "web_7.vmdk", "web_8.vmdk", "web_9.vmdk", "web_10.vmdk", "web_11.vmdk");
        guest.Entries.Should().Contain("web.nvram", "web.vmsd").And.NotContain("web_5.vmdk");
    }

    [Fact]
    public void A_side_file_goes_with_the_guest_of_its_name_and_is_none_itself()
    {
        _folder.Put("web.vmdk", "web.job.yaml", "nobody.job.yaml");

        _folder.Candidate().Entries.Should().Equal("web.vmdk", "web.job.yaml");
    }

    [Fact]
    public void A_side_file_that_fits_two_guests_lets_both_wait()
        => _folder.Put("web.vmdk", "web.vhd", "web.job.yaml").Candidates().Should().HaveCount(2).And.OnlyContain(guest => guest.Problem!.Contains("web.job.yaml fits 2"));

    private static IEnumerable<string> Names(IEnumerable<Daemon.Watching.SeenFile> files) => files.Select(file => file.Name);
}
