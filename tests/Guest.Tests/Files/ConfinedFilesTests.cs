using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Files;

public sealed class ConfinedFilesTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ScratchDirectory _scratch = new();
    private readonly string _root;
    private readonly ConfinedFiles _files;

    public ConfinedFilesTests()
    {
        _root = Directory.CreateDirectory(_scratch.File("root")).FullName;
        Directory.CreateDirectory(Host("/etc"));
        _files = ConfinedFiles.Open(_root);
    }

    public void Dispose()
    {
        _files.Dispose();
        _scratch.Dispose();
    }

    // A name that no host has: where the confinement is broken, the test must not write what the host lives by.
    [Theory]
    [InlineData("/etc/hyper2kvm-canary")]
    [InlineData("../../../../../../etc/hyper2kvm-canary")]
    [InlineData("/../../etc/hyper2kvm-canary")]
    [InlineData("/proc/self/root/etc/hyper2kvm-canary")]
    public void A_link_that_points_out_of_the_guest_resolves_inside_it(string target)
    {
        File.WriteAllText(Host("/etc/hyper2kvm-canary"), "guest");
        Directory.CreateDirectory(Host("/proc/self"));
        File.CreateSymbolicLink(Host("/proc/self/root"), "/");
        File.CreateSymbolicLink(Host("/etc/link"), target);

        Text("/etc/link").Should().Be("guest");
        _files.Write("/etc/link", "changed"u8);

        File.ReadAllText(Host("/etc/hyper2kvm-canary")).Should().Be("changed");
        new FileInfo(Host("/etc/link")).LinkTarget.Should().Be(target);
    }

    [Fact]
    public void Dot_dot_in_a_path_never_leaves_the_root()
    {
        File.WriteAllText(_scratch.File("outside"), "host");
        _files.Status("/../outside").Should().BeNull();
        _files.Write("/../../new", "x"u8);
        File.Exists(Host("/new")).Should().BeTrue();
    }

    [Fact]
    public void A_directory_link_to_an_absolute_path_is_followed_inside_for_writes_listing_and_removal()
    {
        Directory.CreateDirectory(Host("/srv/real"));
        File.CreateSymbolicLink(Host("/data"), "/srv/real");

        _files.Write("/data/deep/er/file", "x"u8);
        _files.List("/data/deep/er").Should().Equal("file");
        _files.Delete("/data/deep/er/file");

        _files.List("/srv/real/deep/er").Should().BeEmpty();
    }

    [Fact]
    public void A_loop_of_links_is_an_error_that_says_so()
    {
        File.CreateSymbolicLink(Host("/a"), "b");
        File.CreateSymbolicLink(Host("/b"), "a");

        _files.Invoking(files => files.Read("/a")).Should().Throw<GuestFileException>().WithMessage("*loop*");
        _files.Invoking(files => files.Write("/a", "x"u8)).Should().Throw<GuestFileException>().WithMessage("*loop*");
        _files.ReadLink("/a").Should().Be("b");
    }

    [Theory]
    [InlineData("p")]
    [InlineData("c")]
    public void A_fifo_or_a_device_in_place_of_a_file_is_refused_and_never_opened(string kind)
    {
        Tool.Run("mknod", kind == "p" ? [Host("/etc/fstab"), "p"] : [Host("/etc/fstab"), "c", "10", "237"]);

        _files.Status("/etc/fstab")!.Kind.Should().Be(GuestFileKind.Special);
        _files.Invoking(files => files.Read("/etc/fstab")).Should().Throw<GuestFileException>().WithMessage("*no regular file*");
        _files.Invoking(files => files.OpenRead("/etc/fstab")).Should().Throw<GuestFileException>();
        _files.Invoking(files => files.Write("/etc/fstab", "x"u8)).Should().Throw<GuestFileException>();
        _files.Invoking(files => files.Copy("/etc/fstab", "/etc/copy")).Should().Throw<GuestFileException>();
        _files.Invoking(files => files.Rename("/etc", "/etc/fstab")).Should().Throw<GuestFileException>();
    }

    [Fact]
    public void A_file_of_10_gib_is_refused_before_anything_is_read()
    {
        using (var file = File.Create(Host("/etc/fstab")))
        {
            file.SetLength(10L << 30);
        }

        _files.Invoking(files => files.Read("/etc/fstab")).Should().Throw<GuestFileException>().WithMessage("*10737418240*");
        _files.Status("/etc/fstab")!.Length.Should().Be(10L << 30);
    }

    [Fact]
    public void Names_with_newlines_and_other_letters_are_listed_and_read()
    {
        var name = "a\nb \u00e4\u20ac";
        _files.Write($"/etc/{name}", "x"u8);

        _files.List("/etc").Should().Equal(name);
        Text($"/etc/{name}").Should().Be("x");
    }

    [Fact]
    public void A_thousand_names_are_all_listed_in_order()
    {
        var names = Enumerable.Range(0, 1000).Select(number => $"file-{number:0000}-{new string('x', 60)}").ToArray();
        Array.ForEach(names, name => File.WriteAllText(Host($"/etc/{name}"), string.Empty));

        _files.List("/etc").Should().Equal(names);
    }

    [Fact]
    public void A_replaced_file_keeps_owner_mode_and_security_attributes()
    {
        File.WriteAllText(Host("/etc/shadow"), "old");
        Tool.Run("chown", "12:34", Host("/etc/shadow"));
        Tool.Run("chmod", "4751", Host("/etc/shadow"));
        Tool.Run("setcap", "cap_net_raw=ep", Host("/etc/shadow"));

        _files.Write("/etc/shadow", "new"u8);
        _files.Copy("/etc/shadow", "/etc/shadow.old");

        foreach (var path in new[] { "/etc/shadow", "/etc/shadow.old" })
        {
            Text(path).Should().Be("new");
            _files.Status(path).Should().Be(new GuestFileStatus(GuestFileKind.File, 3, 0x9E9, 12, 34));
            Tool.Run("getcap", Host(path)).Should().Contain("cap_net_raw=ep");
        }

        _files.List("/etc").Should().Equal("shadow", "shadow.old");
    }

    [Fact]
    public void A_new_file_has_the_mode_that_was_asked_for_and_its_directories_are_open_to_all()
    {
        _files.Write("/etc/new/dir/file", "x"u8, 0x180);

        File.GetUnixFileMode(Host("/etc/new/dir/file")).Should().Be(OwnerOnly);
        _files.Status("/etc/new/dir").Should().Be(new GuestFileStatus(GuestFileKind.Directory, 0, 0x1ED, 0, 0));
    }

    [Fact]
    public void A_dangling_link_is_written_through_and_reported_as_nothing()
    {
        File.CreateSymbolicLink(Host("/etc/resolv.conf"), "../run/resolv.conf");

        _files.Status("/etc/resolv.conf").Should().BeNull();
        _files.Status("/etc/resolv.conf", followLinks: false)!.Kind.Should().Be(GuestFileKind.SymbolicLink);
        _files.Write("/etc/resolv.conf", "x"u8);

        Text("/run/resolv.conf").Should().Be("x");
    }

    [Fact]
    public void Links_are_made_replaced_and_never_take_the_place_of_a_file()
    {
        _files.Write("/etc/file", "x"u8);
        _files.Link("/etc/link", "/nowhere");
        _files.Link("/etc/link", "file");

        _files.ReadLink("/etc/link").Should().Be("file");
        _files.ReadLink("/etc/file").Should().BeNull();
        _files.ReadLink("/etc/absent").Should().BeNull();
        _files.Invoking(files => files.Link("/etc/file", "x")).Should().Throw<GuestFileException>();
    }

    [Fact]
    public void A_copy_never_replaces_and_a_rename_replaces_a_file()
    {
        _files.Write("/etc/a", Encoding.UTF8.GetBytes(new string('a', 3 * 1024 * 1024)));
        _files.Write("/etc/b", "b"u8);

        _files.Invoking(files => files.Copy("/etc/a", "/etc/b")).Should().Throw<GuestFileException>().WithMessage("*exists*");
        _files.Copy("/etc/a", "/etc/c");
        _files.Rename("/etc/c", "/etc/b");

        _files.Read("/etc/b").Should().Equal(_files.Read("/etc/a"));
        _files.List("/etc").Should().Equal("a", "b");
    }

    [Fact]
    public void What_is_missing_is_null_empty_or_an_error_that_names_it()
    {
        _files.Status("/no/such").Should().BeNull();
        _files.List("/no/such").Should().BeEmpty();
        _files.Delete("/no/such");
        _files.Delete("/etc/none");
        _files.Invoking(files => files.Read("/no/such")).Should().Throw<GuestFileException>().Which.GuestPath.Should().Be("/no/such");
        _files.Invoking(files => files.Read("/etc")).Should().Throw<GuestFileException>().WithMessage("*directory*");
        _files.Invoking(files => files.Write("relative", "x"u8)).Should().Throw<GuestFileException>();
        _files.Invoking(files => files.Write("/etc/..", "x"u8)).Should().Throw<GuestFileException>();
        _files.Invoking(files => files.Read("/etc/\0")).Should().Throw<GuestFileException>();
    }

    [Fact]
    public void A_full_file_system_has_a_code_of_its_own_and_leaves_no_half_file()
    {
        var disk = new DiskImage(_scratch, "small").Sized(4 * DiskImage.MiB).WithExt(0, 4 * DiskImage.MiB, LinuxTree.Make(_scratch, string.Empty));
        using var machine = GuestMachine.Open([Guest.Attach.GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        using var guest = machine.Mount(machine.ChooseSystem(), writable: true);

        guest.Files.Invoking(files => files.Write("/boot/big", new byte[8 * DiskImage.MiB])).Should().Throw<StepException>()
            .Where(failure => failure.Code == ErrorCodes.ConvertNoSpace && failure.Message.Contains("/boot/big"));
        guest.Files.List("/boot").Should().BeEmpty();
    }

    private string Host(string path) => _root + path;

    private string Text(string path) => Encoding.UTF8.GetString(_files.Read(path));
}
