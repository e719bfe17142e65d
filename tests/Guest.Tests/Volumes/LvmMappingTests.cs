using System.Text;
using Hyper2Kvm.Guest.Tests.Fixtures;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Lvm;

namespace Hyper2Kvm.Guest.Tests.Volumes;

/// <summary>Groups that no tool writes, or that need hardware to break.</summary>
public sealed class LvmMappingTests
{
    private const int Extent = 1024 * 1024;
    private const string First = "pv0";

    [Fact]
    public void A_cycle_ends_with_a_reason()
    {
        var mapping = Map(Striped("a", "b"), Striped("b", "c"), Striped("c", "a"));

        foreach (var name in (string[])["a", "b", "c"])
        {
            mapping.Invoking(group => group.Map(name)).Should().Throw<VolumeProblem>().WithMessage("*leads back to itself*");
        }
    }

    [Fact]
    public void A_chain_longer_than_any_sensible_one_ends_with_a_reason()
    {
        var mapping = Map([.. Enumerable.Range(0, 500).Select(at => Striped($"v{at}", $"v{at + 1}")), Striped("v500", First)]);

        mapping.Invoking(group => group.Map("v0")).Should().Throw<VolumeProblem>();
        mapping.Map("v500").Length.Should().Be(Extent);
    }

    [Fact]
    public void Mirrors_of_mirrors_do_not_multiply_without_end()
    {
        var mapping = Map([.. Enumerable.Range(0, 10).Select(at => Mirror($"m{at}", $"m{at + 1}", $"m{at + 1}")), Striped("m10", First)]);

        mapping.Invoking(group => group.Map("m0")).Should().Throw<VolumeProblem>().WithMessage("*too many*");
    }

    [Fact]
    public void What_lies_beyond_its_physical_volume_is_refused()
    {
        var mapping = Map(Volume("far", $"type = \"striped\" stripe_count = 1 stripes = [\"{First}\", 1000]"), Volume("farther", $"type = \"striped\" stripe_count = 1 stripes = [\"{First}\", 4294967295]"));

        mapping.Invoking(group => group.Map("far")).Should().Throw<VolumeProblem>().WithMessage("*beyond the end*");
        mapping.Invoking(group => group.Map("farther")).Should().Throw<VolumeProblem>();
    }

    [Fact]
    public void A_missing_physical_volume_is_named_and_others_are_mapped()
    {
        var mapping = Map(Striped("here", First), Striped("gone", "pv1"));

        mapping.Map("here").Should().BeOfType<SpanMap>();
        mapping.Invoking(group => group.Map("gone")).Should().Throw<VolumeProblem>().WithMessage("*none of the disks*pv1*give all disks*");
    }

    [Theory]
    [InlineData("thin", "*thin*")]
    [InlineData("thin-pool+ERROR_IF_NO_SPACE", "*pool*")]
    [InlineData("cache", "*lvconvert --uncache*")]
    [InlineData("raid5_ls", "*raid5_ls*not opened*")]
    [InlineData("vdo", "*vdo*")]
    public void Types_that_are_not_opened_say_so(string type, string message)
        => Map(Volume("x", $"type = \"{type}\"")).Invoking(group => group.Map("x")).Should().Throw<VolumeProblem>().WithMessage(message);

    [Fact]
    public void Names_that_would_lead_out_of_dev_are_left_out()
        => Group(Volume("../../etc", $"type = \"striped\" stripe_count = 1 stripes = [\"{First}\", 0]")).LogicalVolumes.Should().BeEmpty();

    private static LvmMapping Map(params string[] volumes)
        => new(Group(volumes), new Dictionary<string, VolumeMap> { [new string('A', 32)] = new SpanMap(new MemoryDisk(64 * Extent, []), 0, 0, 64 * Extent) });

    private static LvmGroup Group(params string[] volumes) => LvmGroup.Parse(Encoding.UTF8.GetBytes($$"""
        vg { id = "{{new string('G', 32)}}" seqno = 1 status = ["RESIZEABLE", "READ", "WRITE"] extent_size = 2048
          physical_volumes {
            pv0 { id = "{{new string('A', 32)}}" pe_start = 2048 pe_count = 63 }
            pv1 { id = "{{new string('B', 32)}}" pe_start = 2048 pe_count = 63 }
          }
          logical_volumes { {{string.Join('\n', volumes)}} }
        }
        """));

    private static string Striped(string name, string on) => Volume(name, $"type = \"striped\" stripe_count = 1 stripes = [\"{on}\", 0]");

    private static string Mirror(string name, string first, string second) => Volume(name, $"type = \"mirror\" mirror_count = 2 mirrors = [\"{first}\", 0, \"{second}\", 0]");

    private static string Volume(string name, string segment)
        => $"\"{name}\" {{ id = \"{new string('L', 32)}\" status = [\"READ\", \"VISIBLE\"] segment_count = 1 segment1 {{ start_extent = 0 extent_count = 1 {segment} }} }}";
}
