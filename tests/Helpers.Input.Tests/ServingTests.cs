using System.Diagnostics;
using Hyper2Kvm.Helpers.Input.Tests.Support;
using Xunit.Abstractions;

namespace Hyper2Kvm.Helpers.Input.Tests;

public sealed class ServingTests(ITestOutputHelper output) : IDisposable
{
    private const long MegaByte = 1 << 20;

    private readonly Workspace _space = new();

    public void Dispose() => _space.Dispose();

    [Theory]
    [InlineData("disk", "raw", null)]
    [InlineData("disk", "qcow2", null)]
    [InlineData("disk", "qcow2", "compat=0.10")]
    [InlineData("disk", "qcow2", "extended_l2=on")]
    [InlineData("disk", "vmdk", null)]
    [InlineData("vmdk", "vmdk", "subformat=monolithicSparse")]
    [InlineData("vmdk", "vmdk", "subformat=twoGbMaxExtentSparse")]
    [InlineData("vmdk", "vmdk", "subformat=monolithicFlat")]
    [InlineData("vmdk", "vmdk", "subformat=twoGbMaxExtentFlat")]
    [InlineData("vmdk", "vmdk", "subformat=streamOptimized")]
    [InlineData("vhd", "vpc", "subformat=dynamic,force_size=on")]
    [InlineData("vhd", "vpc", "subformat=fixed,force_size=on")]
    [InlineData("vhdx", "vhdx", "subformat=dynamic")]
    [InlineData("vhdx", "vhdx", "subformat=fixed")]
    [InlineData("vdi", "vdi", null)]
    [InlineData("vdi", "vdi", "static=on")]
    public void Two_disks_of_other_sizes_are_served_as_they_are_and_writes_stay_in_the_overlay(string type, string format, string? options)
    {
        var first = _space.RawDisk("first.raw", 24 * MegaByte, seed: 1);
        var second = _space.RawDisk("second.raw", 9 * MegaByte, seed: 2);
        Directory.CreateDirectory(_space.File("source"));
        var firstImage = _space.File($"source/first.{format}");
        var secondImage = _space.File($"source/second.{format}");
        Tool.Convert(first, format, firstImage, options);
        Tool.Convert(second, format, secondImage, options);
        var before = Tool.Digest(_space.File("source"));

        var result = _space.Input(type, firstImage, secondImage);

        result.ExitCode.Should().Be(0, result.ErrorText);
        Tool.ShouldServe(_space.Socket(0), first);
        Tool.ShouldServe(_space.Socket(1), second);
        Tool.Size(_space.Socket(1)).Should().Be(9 * MegaByte);

        Tool.Write(_space.Socket(0), offset: 3 * MegaByte, count: 65536, value: 0x42);
        Tool.Holds(_space.Socket(0), 3 * MegaByte, 65536, 0x42).Should().BeTrue();
        Tool.ShouldServe(_space.Socket(1), second);
        Tool.Digest(_space.File("source")).Should().Be(before);
    }

    [Theory]
    [InlineData("twoGbMaxExtentSparse")]
    [InlineData("twoGbMaxExtentFlat")]
    public void A_disk_of_several_extent_files_is_one_disk(string subformat)
    {
        var raw = _space.RawDisk("big.raw", 5000 * MegaByte);
        var image = _space.File("big.vmdk");
        Tool.Convert(raw, "vmdk", image, $"subformat={subformat}");
        Directory.EnumerateFiles(_space.Root, "big-*.vmdk").Should().HaveCountGreaterThan(2);

        _space.Input("vmdk", image).ExitCode.Should().Be(0);

        Tool.ShouldServe(_space.Socket(0), raw);
    }

    [Fact]
    public void Four_disks_of_one_guest_are_ready_together()
    {
        var raw = _space.RawDisk("a.raw", 16 * MegaByte);
        var disks = Enumerable.Range(0, 4).Select(number => _space.File($"{number}.vmdk")).ToArray();
        foreach (var disk in disks)
        {
            Tool.Convert(raw, "vmdk", disk);
        }

        var clock = Stopwatch.StartNew();
        var result = _space.Input("vmdk", disks);

        output.WriteLine($"the command returned after {clock.ElapsedMilliseconds} ms; {File.ReadAllLines(Path.Combine(_space.Work, "logs/input-vmdk.log")).Last(line => line.Contains("ready"))}");
        result.ExitCode.Should().Be(0);
        for (var disk = 0; disk < 4; disk++)
        {
            Tool.ShouldServe(_space.Socket(disk), raw);
        }
    }

    [Fact]
    public void A_raw_disk_whose_last_sector_is_not_whole_is_filled_up_with_zeros()
    {
        var raw = _space.RawDisk("odd.raw", MegaByte + 100);

        _space.Input("disk", raw).ExitCode.Should().Be(0);

        Tool.Size(_space.Socket(0)).Should().Be(MegaByte + 512);
        Tool.Holds(_space.Socket(0), MegaByte + 100, 412, 0).Should().BeTrue();
    }

    [Fact]
    public void A_snapshot_of_VMware_is_served_with_what_is_below_it()
    {
        var raw = _space.RawDisk("base.raw", 16 * MegaByte);
        var parent = _space.File("base.vmdk");
        var snapshot = _space.File("base-000001.vmdk");
        Tool.Convert(raw, "vmdk", parent);
        Tool.Run("qemu-img", "create", "-f", "vmdk", "-b", parent, "-F", "vmdk", snapshot);
        Tool.Run("qemu-io", "-f", "vmdk", "-c", $"write -P 7 {8 * MegaByte} 65536", snapshot);
        var expected = _space.File("expected.raw");
        Tool.Run("qemu-img", "convert", "-f", "vmdk", "-O", "raw", snapshot, expected);

        var result = _space.Input("vmdk", snapshot);

        result.ExitCode.Should().Be(0, result.ErrorText);
        Tool.ShouldServe(_space.Socket(0), expected);
    }

    [Fact]
    public void A_qcow2_with_a_backing_file_beside_it_is_served_with_it()
    {
        var raw = _space.RawDisk("base.raw", 16 * MegaByte);
        Tool.Run("qemu-img", "create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", _space.File("top.qcow2"));

        var result = _space.Input("disk", _space.File("top.qcow2"));

        result.ExitCode.Should().Be(0, result.ErrorText);
        Tool.ShouldServe(_space.Socket(0), raw);
    }

    [Theory]
    [InlineData("with space.vmdk")]
    [InlineData("a,b=c,,d.vmdk")]
    [InlineData("nbd:localhost:10809.vmdk")]
    [InlineData("json:{\"driver\":\"null-co\"}.vmdk")]
    [InlineData("two\nlines.vmdk")]
    [InlineData("-dash.vmdk")]
    [InlineData("@file.vmdk")]
    [InlineData("größe-磁盘.vmdk")]
    [InlineData("quote'\"$(x).vmdk")]
    public void A_name_of_any_letters_is_only_a_name(string name)
    {
        var raw = _space.RawDisk("a.raw", MegaByte);
        var image = _space.File("a.vmdk");
        Tool.Convert(raw, "vmdk", image);
        File.Move(image, _space.File(name));

        var result = Core.Processes.CommandRunner.Run(new Core.Processes.Command(Tool.Program("vmdk"), "--work", _space.Work, "--", name) { WorkingDirectory = _space.Root });

        result.ExitCode.Should().Be(0, result.ErrorText);
        Tool.ShouldServe(_space.Socket(0), raw);
    }

    [Fact]
    public void An_extent_with_a_comma_and_a_colon_in_its_name_is_found()
    {
        var raw = _space.RawDisk("a.raw", MegaByte);
        var image = _space.File("nbd:a,b.vmdk");
        Tool.Convert(raw, "vmdk", $"{_space.File("x.vmdk")}", "subformat=twoGbMaxExtentSparse");
        File.Move(_space.File("x-s001.vmdk"), _space.File("nbd:a,b-s001.vmdk"));
        File.WriteAllText(image, File.ReadAllText(_space.File("x.vmdk")).Replace("x-s001.vmdk", "nbd:a,b-s001.vmdk"));

        var result = _space.Input("vmdk", image);

        result.ExitCode.Should().Be(0, result.ErrorText);
        Tool.ShouldServe(_space.Socket(0), raw);
    }
}
