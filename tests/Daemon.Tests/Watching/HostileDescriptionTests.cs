using System.Text;

namespace Hyper2Kvm.Daemon.Tests.Watching;

/// <summary>What a source says is not trusted.</summary>
public sealed class HostileDescriptionTests : IDisposable
{
    private readonly WatchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/etc/shadow")]
    [InlineData("../other/disk.vmdk")]
    [InlineData("a/../../disk.vmdk")]
    [InlineData(@"..\disk.vmdk")]
    [InlineData(@"C:\disk.vmdk")]
    [InlineData("nbd://host/disk")]
    [InlineData("")]
    public void A_name_that_leads_out_of_the_folder_is_not_followed(string name)
    {
        _folder.Write("web.vmdk", Samples.Vmdk(name.Replace(' ', '_')));

        var guest = _folder.Candidate();

        guest.Entries.Should().Equal("web.vmdk");
        guest.Problem.Should().Contain("not a file of its own folder");
    }

    [Theory]
    [InlineData("web.ovf")]
    [InlineData("web.vmx")]
    [InlineData("web.vbox")]
    public void It_is_not_followed_from_a_description_either(string description)
    {
        _folder.Write("web/" + description, description switch
        {
            "web.ovf" => Samples.Ovf("../../secret.vmdk"),
            "web.vmx" => Samples.Vmx("/vmfs/volumes/secret.vmdk"),
            _ => Samples.Vbox("../../secret.vdi", "/secret.vdi"),
        });

        _folder.Candidate().Problem.Should().Contain("not a file of its own folder");
    }

    [Fact]
    public void A_backing_file_behind_a_protocol_is_not_followed()
        => _folder.Write("web.qcow2", Samples.Qcow2("json:{\"driver\":\"nbd\"}")).Candidate().Problem.Should().Contain("not a file of its own folder");

    [Fact]
    public void An_extent_that_is_a_link_is_not_followed()
    {
        _folder.Write("web.vmdk", Samples.Vmdk("web-flat.vmdk"));
        File.CreateSymbolicLink(_folder["web-flat.vmdk"], "/etc/passwd");

        var guest = _folder.Candidate();

        guest.Entries.Should().Equal("web.vmdk");
        guest.Problem.Should().Contain("links are not followed");
    }

    [Fact]
    public void Disks_that_name_each_other_as_parents_end()
    {
        _folder.Write("a.vmdk", Samples.SparseVmdk(Samples.Vmdk("x", parent: "b.vmdk"))).Write("b.vmdk", Samples.SparseVmdk(Samples.Vmdk("x", parent: "a.vmdk")));

        _folder.Candidate().Problem.Should().Contain("part of itself");
    }

    [Fact]
    public void A_descriptor_that_names_itself_ends()
        => _folder.Write("a.vmdk", Samples.Vmdk("a.vmdk")).Candidate().Problem.Should().Contain("part of itself");

    [Fact]
    public void Entities_of_XML_are_not_expanded()
        => _folder.Write("web.ovf", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>").Candidate().Problem.Should().Contain("cannot be read");

    [Fact]
    public void Deep_XML_is_refused()
        => _folder.Write("web.ovf", string.Concat(Enumerable.Repeat("<a>", 100_000))).Candidate().Problem.Should().Contain("nested deeper");

    [Fact]
    public void A_description_of_a_gigabyte_is_not_read()
    {
        using (var file = File.Create(_folder["web.vmx"]))
        {
            file.SetLength(1L << 30);
        }

        _folder.Candidate().Problem.Should().Contain("longer than");
    }

    [Fact]
    public void Control_characters_and_endless_names_do_not_reach_the_log()
    {
        var problem = _folder.Write("web.vmx", Samples.Vmx("\u001b[31m" + new string('x', 5000) + ".vmdk")).Candidate().Problem!;

        problem.Should().NotContain("\u001b").And.Contain("…");
        problem.Length.Should().BeLessThan(400);
    }

    [Fact]
    public void A_damaged_disk_is_the_conversions_to_judge()
    {
        var random = new Random(7);
        foreach (var head in new[] { "KDMV", "conectix", "vhdxfile", "QFI\u00fb", "# Disk DescriptorFile\ncreateType=" })
        {
            for (var round = 0; round < 4; round++)
            {
                var content = new byte[300 * 1024];
                random.NextBytes(content);
                Encoding.Latin1.GetBytes(head, content);
                foreach (var name in new[] { "a.vmdk", "a.vhd", "a.vhdx", "a.qcow2" })
                {
                    _folder.Write(name, content);
                }

                _folder.Candidates().Should().HaveCount(4);
            }
        }
    }

    [Fact]
    public void A_folder_of_thousands_of_files_is_bounded()
    {
        Directory.CreateDirectory(_folder["web"]);
        for (var number = 0; number < 5000; number++)
        {
            File.Create(_folder[$"web/{number}.vmdk"]).Dispose();
        }

        var guest = _folder.Candidate();

        guest.Files.Count.Should().BeLessThan(4200);
        guest.Problem.Should().Contain("more than 4096");
    }

    [Fact]
    public void Folders_in_folders_are_bounded()
    {
        _folder.Put("web/" + string.Concat(Enumerable.Repeat("a/", 200)) + "x.vmdk");

        _folder.Candidate().Problem.Should().Contain("deep");
    }
}
