using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Guest.Tests.Mounting;

public sealed class BackendTests
{
    private static readonly HostRights Root = new(IsRoot: true, MountsByKernel: true, KeepsOwners: true);
    private static readonly HostRights UserWithIds = new(IsRoot: true, MountsByKernel: false, KeepsOwners: true);
    private static readonly HostRights User = new(IsRoot: true, MountsByKernel: false, KeepsOwners: false);

    [Theory]
    [InlineData("0 0 4294967295", true, true, true)]
    [InlineData("0 1000 1\n1 100000 65536", true, false, true)]
    [InlineData("0 1000 1", true, false, false)]
    [InlineData("0 0 4294967295", false, false, false)]
    public void Rights_follow_from_the_user_and_the_ids_of_its_namespace(string map, bool isRoot, bool byKernel, bool keepsOwners)
        => HostRights.Of(isRoot, map + "\n", map + "\n").Should().Be(new HostRights(isRoot, byKernel, keepsOwners));

    [Fact]
    public void Root_mounts_by_itself_whatever_there_is() => Choose(Root, forWriting: true, "xfs", "ext4").Backend.Should().Be(GuestBackend.Direct);

    [Fact]
    public void An_ordinary_user_looks_through_FUSE_drivers_where_they_know_all_that_may_hold_a_system()
        => Choose(User, forWriting: false, "ext4", "vfat", "swap", null).Backend.Should().Be(GuestBackend.Direct);

    [Fact]
    public void An_ordinary_user_takes_the_appliance_for_what_has_no_FUSE_driver()
    {
        var chosen = Choose(User, forWriting: false, "ext4", "xfs");

        chosen.Backend.Should().Be(GuestBackend.Appliance);
        chosen.Reason.Should().Contain("xfs").And.Contain("/dev/sda2");
    }

    [Fact]
    public void An_ordinary_user_writes_through_the_appliance_alone() => Choose(UserWithIds, forWriting: true, "ext4").Backend.Should().Be(GuestBackend.Appliance);

    [Theory]
    [InlineData(GuestBackend.Auto, false)]
    [InlineData(GuestBackend.Appliance, false)]
    [InlineData(GuestBackend.Direct, true)]
    public void An_ordinary_user_writes_nothing_that_would_lose_owners_or_pass_over_a_journal(GuestBackend asked, bool keepsOwners)
    {
        var choice = () => ChosenBackend.Choose(asked, keepsOwners ? UserWithIds : User, Volumes("ext4"), forWriting: true);

        choice.Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.HostPermission);
    }

    [Theory]
    [InlineData(GuestBackend.Direct)]
    [InlineData(GuestBackend.Appliance)]
    public void What_is_asked_for_is_taken(GuestBackend asked) => ChosenBackend.Choose(asked, Root, Volumes("ext4"), forWriting: true).Should().Be(new ChosenBackend(asked, "asked for"));

    private static ChosenBackend Choose(HostRights rights, bool forWriting, params string?[] contents) => ChosenBackend.Choose(GuestBackend.Auto, rights, Volumes(contents), forWriting);

    private static IEnumerable<GuestVolume> Volumes(params string?[] contents)
        => contents.Select((content, index) => new GuestVolume { Device = $"/dev/sda{index + 1}", Disk = 0, Partition = index + 1, Offset = 0, Length = 1, Content = content });
}
