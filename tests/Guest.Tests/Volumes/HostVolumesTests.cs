using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Volumes;

public sealed class HostVolumesTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_hosts_volumes_and_its_records_of_them_are_never_touched()
    {
        using var guest = new LvmGuest(_scratch, "/dev/mapper/guest--vg-root / ext4 defaults 0 1\n");
        var before = HostVolumes.Snapshot();

        using (var machine = guest.Open())
        {
            using var mounted = machine.Mount(machine.ChooseSystem(), writable: true);
            mounted.Files.Write("/etc/hostname", "changed\n"u8);
            HostVolumes.Snapshot().Should().Equal(before, "not even while it is mounted");
            mounted.Close();
        }

        HostVolumes.Snapshot().Should().Equal(before);
    }

    [Fact]
    [Trait("speed", "slow")]
    public void A_group_of_the_same_name_and_identifiers_that_the_host_has_active_stays_as_it_is_and_is_not_what_is_read()
    {
        // The fixture has 3 files in each of its two volumes; the machine puts 7 more into its own copy of the first.
        const int FilesOfGuest = 2 * 3;
        const int FilesOfHost = 3 + 7;
        var console = Tool.Run(Path.Combine(StorageImages.Scripts, "beside"), Path.Combine(AppContext.BaseDirectory, "../../GuestEngine/release"), "lvm-linear", _scratch.File("machine"));

        var parts = console.Split("== ").Select(part => part.Split('\n', 2)).Where(part => part.Length == 2).GroupBy(part => part[0]).ToDictionary(part => part.Key, part => part.Last()[1]);
        parts.Should().ContainKeys("before", "engine", "after", "own", "end").And.Subject.Should().NotBeEmpty(console);
        parts["before"].Should().Contain("linear--vg").And.Contain("linear-vg", "the machine has the group active");
        parts["after"].Should().Be(parts["before"]);
        parts["engine"].Trim().Should().MatchRegex($"^[0-9.]+ [0-9.]+ {FilesOfGuest} [0-9]+$");
        parts["own"].Trim().Should().Be($"{FilesOfHost}", "else both are the same, and nothing would tell them apart");
    }
}
