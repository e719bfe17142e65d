using System.Diagnostics;
using Hyper2Kvm.Helpers.Convert.Linux.Selinux;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Selinux;

public sealed class FileContextsTests : IDisposable
{
    private const string Place = "/etc/selinux/targeted/contexts/files/file_contexts";

    /// <summary>A policy in small, with every feature that policies use.</summary>
    private const string Rules = """
        # comment
        /.*                     system_u:object_r:default_t:s0
        /                   -d  system_u:object_r:root_t:s0
        /etc/.*                 system_u:object_r:etc_t:s0
        /etc(/.*)?              system_u:object_r:etc_t:s0
        /etc/hostname       --  system_u:object_r:hostname_etc_t:s0
        /etc/localtime          system_u:object_r:locale_t:s0
        /etc/fstab\.[^/]*   --  system_u:object_r:etc_runtime_t:s0
        /etc/systemd/system/.*\.(service|timer) -- system_u:object_r:systemd_unit_file_t:s0
        /etc/systemd/system(/.*)? system_u:object_r:systemd_unit_file_t:s0
        /etc/shadow.*       --  system_u:object_r:shadow_t:s0
        /etc/ssh/.*_key[0-9]{1,2} -- system_u:object_r:sshd_key_t:s0
        /boot(/.*)?             system_u:object_r:boot_t:s0
        /boot/initr(d|amfs).*   system_u:object_r:initrd_t:s0
        /usr/.*                 system_u:object_r:usr_t:s0
        /usr/(.*/)?bin(/.*)?    system_u:object_r:bin_t:s0
        /usr/libexec(/.*)?      system_u:object_r:bin_t:s0
        /usr/lib(/.*)?          system_u:object_r:lib_t:s0
        /usr/lib/.*\.so(\.[^/]*)* -- system_u:object_r:textrel_shlib_t:s0
        /var/lib(/.*)?          system_u:object_r:var_lib_t:s0
        /var/log(/.*)?          system_u:object_r:var_log_t:s0
        /var/log/[[:alpha:]]+\.log -- system_u:object_r:app_log_t:s0
        /var/run            -l  system_u:object_r:var_run_t:s0
        /tmp/.*                 <<none>>
        /opt/jre-[^/]*-[0-9](/.*)? system_u:object_r:jre_t:s0
        /opt/a|/opt/b/.*        system_u:object_r:choice_t:s0
        /srv/exact          -d  system_u:object_r:exact_t:s0
        /srv/.*                 system_u:object_r:srv_t:s0
        """;

    private static readonly (LabelledKind Kind, int Mode)[] Kinds = [(LabelledKind.File, 0x8000), (LabelledKind.Directory, 0x4000), (LabelledKind.Link, 0xA000)];

    private readonly SampleGuest _guest = new();

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Every_path_gets_the_label_that_libselinux_gives_it()
    {
        _guest.Put(Place, Rules);
        _guest.Put($"{Place}.homedirs", "/home/[^/]+/\\.ssh(/.*)?\tunconfined_u:object_r:ssh_home_t:s0\n/root/\\.ssh(/.*)?\tsystem_u:object_r:ssh_home_t:s0\n");
        _guest.Put($"{Place}.local", "/etc/app/.*\tsystem_u:object_r:app_conf_t:s0\n/etc/.*\\.local -- system_u:object_r:local_t:s0\n");
        _guest.Put($"{Place}.subs_dist", "/lib /usr/lib\n/run /var/run\n/usr/local /usr\n");
        _guest.Put($"{Place}.subs", "/data/www /srv\n/data /usr\n");
        Compare(_guest.Files.Host(Place), FileContexts.Read(_guest.Files, "targeted")!, Paths("/"));
    }

    /// <summary>The same with a whole policy of a distribution, where this host has one, or <c>HYPER2KVM_FILE_CONTEXTS</c> names one.</summary>
    [PolicyFact]
    public void A_distributions_own_policy_gives_the_same_labels()
    {
        var policy = PolicyFactAttribute.Policy;
        foreach (var part in new[] { string.Empty, ".homedirs", ".local", ".subs", ".subs_dist" }.Where(part => File.Exists(policy + part)))
            _guest.Put(Place + part, File.ReadAllBytes(policy + part));
        string[] real = [.. new[] { "/etc", "/usr/bin", "/usr/sbin", "/usr/lib/systemd", "/var/lib", "/var/log" }.SelectMany(directory => Directory.EnumerateFileSystemEntries(directory, "*").Take(300))];
        Compare(_guest.Files.Host(Place), FileContexts.Read(_guest.Files, "targeted")!, [.. Paths("/"), .. real]);
    }

    [Theory]
    [InlineData("(a?){1000}{1000}x")]
    [InlineData("/etc/(?=x).*")]
    [InlineData("/etc/[a-z-[aeiou]]")]
    [InlineData("/etc/[[:cntrl:]]")]
    [InlineData("/etc/[")]
    [InlineData("/etc/(.)\\1")]
    public void What_cannot_be_matched_within_bounds_gives_no_label_instead_of_a_wrong_one(string pattern)
    {
        _guest.Put(Place, $"/etc/.* system_u:object_r:etc_t:s0\n{pattern} system_u:object_r:bad_t:s0\n");
        FileContexts.Read(_guest.Files, "targeted")!.Find("/etc/x", LabelledKind.File).Should().BeNull();
    }

    [Fact]
    public void An_expression_that_would_backtrack_for_ever_is_matched_in_no_time()
    {
        _guest.Put(Place, "/(a+)+b system_u:object_r:etc_t:s0\n");
        var clock = Stopwatch.StartNew();
        FileContexts.Read(_guest.Files, "targeted")!.Find("/" + new string('a', 4000), LabelledKind.File).Should().Be(FileContexts.None);
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(5));
    }

    /// <summary>A test that is left out, and said to be, where no whole policy is at hand: it may not be in this repository.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class PolicyFactAttribute : FactAttribute
    {
        public static readonly string Policy = Environment.GetEnvironmentVariable("HYPER2KVM_FILE_CONTEXTS") ?? "/etc/selinux/default/contexts/files/file_contexts";

        public PolicyFactAttribute()
        {
            if (!File.Exists(Policy)) Skip = $"no policy is at {Policy}";
        }
    }

    private static void Compare(string fileContexts, FileContexts ours, IReadOnlyCollection<string> paths)
    {
        using var peer = new LibSelinux(fileContexts);
        var wrong = paths.SelectMany(path => Kinds.Select(kind => (path, kind.Kind, Ours: ours.Find(path, kind.Kind), Theirs: peer.Find(path, kind.Mode) ?? FileContexts.None)))
            .Where(answer => answer.Ours != answer.Theirs).ToList();
        wrong.Should().BeEmpty();
        paths.Count.Should().BeGreaterThan(200);
    }

    /// <summary>Paths of what conversions write, of every rule above, and of what lies near by.</summary>
    private static List<string> Paths(string root)
    {
        string[] directories = ["", "etc", "etc/systemd/system", "etc/systemd/system/multi-user.target.wants", "etc/ssh", "etc/app", "boot", "usr/bin", "usr/x/bin", "usr/lib", "usr/lib/x", "usr/libexec/hyper2kvm", "usr/local/bin", "lib", "var/lib/hyper2kvm/firstboot/scripts", "var/log", "run", "var", "tmp", "opt", "opt/b", "srv", "data", "data/www", "root", "root/.ssh", "home/ann/.ssh", "home/ann", "nowhere"];
        string[] names = ["hostname", "localtime", "fstab.orig", "a.service", "shadow", "shadow-", "host_key12", "initrd.img-6", "libx.so.1", "boot.log", "run", "authorized_keys", "a", "exact", "x.local", "jre-a-1", "with space", "etc"];
        return [.. directories.SelectMany(directory => names.Select(name => Path.Combine(root, directory, name)).Append(Path.Combine(root, directory)))];
    }
}
