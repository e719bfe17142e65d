using System.Text.Json;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Customise;

public sealed class CustomiseTests : IDisposable
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4n ann@example";

    private readonly TemporaryDirectory _host = new();
    private readonly SampleGuest _guest = new() { Options = new JobConvert { GuestAgent = "off" } };

    public CustomiseTests()
    {
        _guest.Put("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1001::/home/ann:/bin/sh\nlost:x:1002:1002::/home/lost:/bin/sh\n");
        _guest.Put("/etc/shadow", "daemon:*:19000:0:99999:7:::\nroot:$y$old:19000:0:99999:7:::\n");
        Directory.CreateDirectory(_guest.Files.Host("/root"));
        Directory.CreateDirectory(_guest.Files.Host("/home/ann"));
        _guest.Convert();
    }

    public void Dispose()
    {
        _guest.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Operations_are_done_in_their_order_and_a_second_conversion_changes_nothing()
    {
        _guest.Put("/etc/motd", "old\n");
        _guest.Put("/opt/app/cache/x", "x");
        var upload = HostFile("upload", "data", 0x1E8);
        JobCustomisation[] wanted =
        [
            new() { Action = "mkdir", Path = "/srv/a/b" },
            new() { Action = "upload", Path = "/srv/a/b", File = upload },
            new() { Action = "write", Path = "/srv/a/list", Value = "one\n" },
            new() { Action = "append-line", Path = "/srv/a/list", Value = "two" },
            new() { Action = "append-line", Path = "/etc/motd", Value = "old" },
            new() { Action = "append-line", Path = "/etc/fstab", Value = "tmpfs /scratch tmpfs nofail 0 0" },
            new() { Action = "chmod", Path = "/srv/a/list", Value = "0600" },
            new() { Action = "chmod", Path = "/etc/motd", Value = "640" },
            new() { Action = "link", Path = "/etc/list", Value = "/srv/a/list" },
            new() { Action = "append-line", Path = "/etc/list", Value = "three" },
            new() { Action = "delete", Path = "/opt/app" },
            new() { Action = "delete", Path = "/opt/none" },
        ];

        var report = _guest.Customise(wanted);

        _guest.Text("/srv/a/b/upload").Should().Be("data");
        _guest.Files.Status("/srv/a/b/upload")!.Mode.Should().Be(0x1E8);
        _guest.Text("/srv/a/list").Should().Be("one\ntwo\nthree\n");
        _guest.Files.Status("/srv/a/list")!.Mode.Should().Be(0x180);
        _guest.Files.Status("/etc/motd")!.Mode.Should().Be(0x1A0);
        _guest.Files.ReadLink("/etc/list").Should().Be("/srv/a/list");
        _guest.Text("/etc/fstab").Should().StartWith("UUID=", "the conversion's own change stays").And.EndWith("tmpfs /scratch tmpfs nofail 0 0\n");
        _guest.Files.Status("/opt/app").Should().BeNull();
        report.Changes.Should().OnlyContain(change => change.Concern == "customise");
        _guest.Customise(wanted).Changes.Should().BeEmpty();
    }

    [Fact]
    public void A_change_of_a_file_that_the_conversion_changes_too_starts_from_the_converted_one()
    {
        using var guest = new SampleGuest { Options = new JobConvert { GuestAgent = "off" } };
        guest.Customise(new JobCustomisation { Action = "append-line", Path = "/etc/fstab", Value = "# mine" });
        guest.Text("/etc/fstab").Should().Be($"UUID={SampleGuest.RootUuid} / ext4 defaults 0 1\n# mine\n");
    }

    [Fact]
    public void What_is_removed_and_written_again_holds_only_what_was_written()
    {
        _guest.Put("/opt/app/keep", "same");
        _guest.Put("/opt/app/old", "x");
        _guest.Customise(new() { Action = "delete", Path = "/opt" }, new() { Action = "write", Path = "/opt/app/keep", Value = "same" });
        _guest.Text("/opt/app/keep").Should().Be("same");
        _guest.Files.List("/opt/app").Should().Equal("keep");
    }

    [Theory]
    [InlineData("mkdir", "/etc/fstab", null)]
    [InlineData("write", "/etc", "x")]
    [InlineData("write", "/etc/fstab/x", "x")]
    [InlineData("write", "relative", "x")]
    [InlineData("delete", "/", null)]
    [InlineData("delete", "/home/../.", null)]
    [InlineData("delete", "/var/log/*", null)]
    [InlineData("link", "/etc", "/srv")]
    [InlineData("chmod", "/etc/fstab", "rwx")]
    [InlineData("chmod", "/etc/fstab", "17777")]
    [InlineData("chmod", "/etc/none", "644")]
    [InlineData("hostname", null, "-bad")]
    [InlineData("timezone", null, "../../etc/passwd")]
    [InlineData("ssh-inject", "ann", "-----BEGIN OPENSSH PRIVATE KEY-----")]
    [InlineData("ssh-inject", "nobody", Key)]
    [InlineData("ssh-inject", "lost", Key)]
    [InlineData("root-password", null, "secret")]
    [InlineData("upload", "/etc/x", null)]
    [InlineData("edit", "/etc/none", "s/a/b/")]
    [InlineData("edit", "/etc", "s/a/b/")]
    public void What_cannot_be_done_is_told_before_anything_is_written(string action, string? path, string? value)
    {
        _guest.Files.Written.Clear();
        _guest.Invoking(guest => guest.Customise(new JobCustomisation { Action = "write", Path = "/etc/first", Value = "x" }, new JobCustomisation { Action = action, Path = path, Value = value }))
            .Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.ConvertCustomise);
        _guest.Files.Written.Should().BeEmpty();
    }

    [Theory]
    [InlineData("/etc/hostname", "old\n", "new.example.org\n")]
    [InlineData("/etc/HOSTNAME", "old.example.org\n", "new.example.org\n")]
    [InlineData("/etc/sysconfig/network", "NETWORKING=yes\nHOSTNAME=\"old.example.org\"\n", "NETWORKING=yes\nHOSTNAME=new.example.org\n")]
    public void The_host_name_is_set_where_the_distribution_keeps_it_and_in_hosts(string path, string before, string after)
    {
        _guest.Put(path, before);
        _guest.Put("/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\told.example.org\told  # old stays\n10.0.0.1 older old-nas\n");
        var report = _guest.Customise(new JobCustomisation { Action = "hostname", Value = "new.example.org" });
        _guest.Text(path).Should().Be(after);
        var names = before.Contains("example", StringComparison.Ordinal) ? "new.example.org\tnew" : "new.example.org\tnew.example.org";
        _guest.Text("/etc/hosts").Should().Be($"127.0.0.1\tlocalhost\n127.0.1.1\t{names}  # old stays\n10.0.0.1 older old-nas\n");
        report.Changes.Select(change => change.Path).Should().BeEquivalentTo([path, "/etc/hosts"]);
        _guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Fact]
    public void A_time_zone_is_linked_or_copied_as_the_guest_has_it()
    {
        _guest.Put("/usr/share/zoneinfo/Europe/Berlin", "TZif");
        _guest.Put("/etc/timezone", "Etc/UTC\n");
        _guest.Put("/etc/sysconfig/clock", "ZONE=\"UTC\"\nUTC=true\n");
        JobCustomisation zone = new() { Action = "timezone", Value = "Europe/Berlin" };
        _guest.Customise(zone);
        _guest.Files.ReadLink("/etc/localtime").Should().Be("../usr/share/zoneinfo/Europe/Berlin");
        _guest.Text("/etc/timezone").Should().Be("Europe/Berlin\n");
        _guest.Text("/etc/sysconfig/clock").Should().Be("ZONE=\"Europe/Berlin\"\nUTC=true\n");
        _guest.Files.Delete("/etc/localtime");
        _guest.Put("/etc/localtime", "old");
        _guest.Customise(zone);
        _guest.Text("/etc/localtime").Should().Be("TZif");
    }

    [Theory]
    [InlineData("root", "/root", 0, 0)]
    [InlineData("ann", "/home/ann", 1000, 1001)]
    public void A_key_lets_its_owner_in_with_the_owner_and_modes_that_sshd_asks_for(string user, string home, uint owner, uint group)
    {
        var file = HostFile("key.pub", Key + "\n", 0x1A4);
        JobCustomisation inject = new() { Action = "ssh-inject", Path = user, File = file };
        _guest.Customise(inject);
        _guest.Text($"{home}/.ssh/authorized_keys").Should().Be(Key + "\n");
        var (directory, keys) = (_guest.Files.Status($"{home}/.ssh")!, _guest.Files.Status($"{home}/.ssh/authorized_keys")!);
        (directory.Mode, directory.UserId, directory.GroupId).Should().Be((0x1C0u, owner, group));
        (keys.Mode, keys.UserId, keys.GroupId).Should().Be((0x180u, owner, group));
        _guest.Customise(inject).Changes.Should().BeEmpty();
        _guest.Customise(inject, new() { Action = "ssh-inject", Path = user, Value = Key.Replace("J4n", "K4n", StringComparison.Ordinal) }).Changes.Should().ContainSingle();
        _guest.Text($"{home}/.ssh/authorized_keys").Split('\n').Should().HaveCount(3);
    }

    [Fact]
    public void A_users_link_does_not_have_us_write_where_it_leads_and_roots_is_followed_inside_the_guest()
    {
        _guest.Files.Link("/home/ann/.ssh", "/etc");
        _guest.Invoking(guest => guest.Customise(new JobCustomisation { Action = "ssh-inject", Path = "ann", Value = Key })).Should().Throw<StepException>().WithMessage("*symbolic link*");
        Directory.CreateDirectory(_guest.Files.Host("/srv/keys"));
        _guest.Files.Link("/root/.ssh", "/../../srv/keys");
        _guest.Customise(new JobCustomisation { Action = "ssh-inject", Path = "root", Value = Key });
        _guest.Text("/srv/keys/authorized_keys").Should().Be(Key + "\n");
    }

    [Fact]
    public void Roots_password_is_a_hash_that_openssl_finds_right_and_is_in_no_report()
    {
        const string Password = "correct horse";
        JobCustomisation wanted = new() { Action = "root-password", File = HostFile("password", Password + "\nsecond line\n", 0x180) };

        var report = _guest.Customise(wanted);

        var fields = Root();
        var salt = fields[1].Split('$')[2];
        Archives.Tool("openssl", System.Text.Encoding.UTF8.GetBytes(Password), "passwd", "-6", "-salt", salt, "-stdin").Should().Equal(System.Text.Encoding.UTF8.GetBytes(fields[1] + "\n"));
        fields[2].Should().Be(((int)(DateTime.UtcNow - DateTime.UnixEpoch).TotalDays).ToString(), "the day of its last change is today");
        fields[3..].Should().Equal("0", "99999", "7", "", "", "");
        _guest.Text("/etc/shadow").Should().StartWith("daemon:*:19000:0:99999:7:::\n");
        JsonSerializer.Serialize(report, DocumentContext.Default.ConversionReport).Should().NotContain("horse").And.NotContain(salt);
        _guest.Customise(wanted).Changes.Should().BeEmpty("the password is the same");
    }

    [Theory]
    [InlineData("locked", "!*")]
    [InlineData("disabled", "*")]
    public void An_account_is_locked_or_disabled_as_virt_customize_has_it(string value, string hash)
    {
        JobCustomisation wanted = new() { Action = "root-password", Value = value };
        _guest.Customise(wanted);
        Root()[1].Should().Be(hash);
        _guest.Customise(wanted).Changes.Should().BeEmpty();
    }

    private string[] Root() => _guest.Text("/etc/shadow").Split('\n')[1].Split(':');

    private string HostFile(string name, string text, int mode)
    {
        var path = Path.Combine(_host.Path, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)mode);
        return path;
    }
}
