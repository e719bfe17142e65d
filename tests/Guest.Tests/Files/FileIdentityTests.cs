using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Files;

public sealed class FileIdentityTests : IDisposable
{
    private const string Label = "system_u:object_r:etc_t:s0";

    private readonly ScratchDirectory _scratch = new();
    private readonly string _root;
    private readonly ConfinedFiles _files;

    public FileIdentityTests()
    {
        _root = Directory.CreateDirectory(_scratch.File("root")).FullName;
        Directory.CreateDirectory(_root + "/etc");
        File.WriteAllText(_scratch.File("outside"), "host");
        _files = ConfinedFiles.Open(_root);
    }

    public void Dispose()
    {
        _files.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void A_label_is_set_on_a_file_a_directory_and_on_a_link_itself_and_outlives_the_files_replacement()
    {
        _files.Write("/etc/file", "x"u8);
        _files.Link("/etc/link", "file");
        _files.Label("/etc/file").Should().BeNull();
        foreach (var path in new[] { "/etc", "/etc/file", "/etc/link" })
            _files.SetLabel(path, path == "/etc/link" ? Label + ":c1" : Label).Should().BeTrue("this host's file system keeps labels");
        _files.Write("/etc/link", "changed"u8);
        _files.Label("/etc").Should().Be(Label);
        _files.Label("/etc/file").Should().Be(Label);
        _files.Label("/etc/link").Should().Be(Label + ":c1");
        _files.Label("/etc/none").Should().BeNull();
    }

    [Fact]
    public void Owner_and_mode_go_to_what_a_link_names_and_never_outside()
    {
        var before = File.GetUnixFileMode(_scratch.File("outside"));
        _files.Link("/etc/link", "/../../outside");
        _files.Write("/outside", "x"u8);
        _files.SetOwner("/etc/link", 1000, 1001);
        _files.SetMode("/etc/link", 0x980);
        var status = _files.Status("/outside")!;
        (status.Mode, status.UserId, status.GroupId).Should().Be((0x980u, 1000u, 1001u));
        File.GetUnixFileMode(_scratch.File("outside")).Should().Be(before);
    }

    [Fact]
    public void A_directory_is_made_with_its_mode_and_one_that_is_there_stays()
    {
        _files.MakeDirectory("/srv/a/b", 0x1C0);
        _files.Status("/srv/a/b")!.Mode.Should().Be(0x1C0);
        _files.Status("/srv/a")!.Mode.Should().Be(0x1ED);
        _files.MakeDirectory("/srv/a/b", 0x1FF);
        _files.Status("/srv/a/b")!.Mode.Should().Be(0x1C0);
        _files.Write("/file", "x"u8);
        _files.Invoking(files => files.MakeDirectory("/file", 0x1C0)).Should().Throw<GuestFileException>();
    }

    [Fact]
    public void A_tree_is_removed_and_what_its_links_name_is_not()
    {
        _files.Write("/opt/a/b/c", "x"u8);
        _files.Write("/keep/file", "x"u8);
        _files.Link("/opt/a/link", "/keep");
        File.CreateSymbolicLink(_root + "/opt/out", _scratch.File("outside"));
        _files.DeleteTree("/opt");
        _files.Status("/opt").Should().BeNull();
        _files.List("/keep").Should().Equal("file");
        File.Exists(_scratch.File("outside")).Should().BeTrue();
        _files.Link("/link", "/keep");
        _files.DeleteTree("/link");
        _files.DeleteTree("/none");
        _files.List("/keep").Should().Equal("file");
    }
}
