using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Input.Tests.Support;

namespace Hyper2Kvm.Helpers.Input.Tests;

public sealed class BadInputTests : IDisposable
{
    private const long MegaByte = 1 << 20;

    private readonly Workspace _space = new();

    public void Dispose() => _space.Dispose();

    public static TheoryData<string, string, string?> Images => new()
    {
        { "disk", "qcow2", null },
        { "vmdk", "vmdk", "subformat=monolithicSparse" },
        { "vmdk", "vmdk", "subformat=streamOptimized" },
        { "vhd", "vpc", "subformat=dynamic" },
        { "vhdx", "vhdx", null },
        { "vdi", "vdi", null },
    };

    [Theory]
    [InlineData("disk")]
    [InlineData("vmdk")]
    [InlineData("vhd")]
    [InlineData("vhdx")]
    [InlineData("vdi")]
    public void A_source_that_is_missing_empty_a_directory_or_text_has_its_own_message(string type)
    {
        SourceImage.Refusal(type, _space.File("none")).Code.Should().Be(ErrorCodes.InputMissing);
        SourceImage.Refusal(type, _space.File("none/disk")).Code.Should().Be(ErrorCodes.InputMissing);

        File.WriteAllText(_space.File("empty"), string.Empty);
        SourceImage.Refusal(type, _space.File("empty")).Code.Should().Be(ErrorCodes.InputEmpty);

        SourceImage.Refusal(type, _space.Root).Code.Should().Be(ErrorCodes.InputFormat);

        File.WriteAllText(_space.File("text.vmdk"), string.Concat(Enumerable.Repeat("Dear größe, this is a letter.\r\n\t", 400)));
        var text = SourceImage.Refusal(type, _space.File("text.vmdk"));
        text.Code.Should().Be(ErrorCodes.InputFormat);
        text.Message.Should().Contain("a text file");
    }

    [Fact]
    public void A_named_pipe_is_refused_at_once()
    {
        Tool.Run("mkfifo", _space.File("pipe"));

        SourceImage.Refusal("disk", _space.File("pipe")).Code.Should().Be(ErrorCodes.InputFormat);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void An_image_that_was_cut_short_is_told_as_truncated_with_both_sizes(string type, string format, string? options)
    {
        var image = Image(format, options);
        var length = new FileInfo(image).Length;
        foreach (var kept in new[] { length / 2, length - (length / 8) })
        {
            using (var stream = new FileStream(image, FileMode.Open))
            {
                stream.SetLength(kept);
            }

            var refusal = SourceImage.Refusal(type, image);

            refusal.Code.Should().Be(ErrorCodes.InputTruncated, $"{kept} of {length} bytes are there");
            refusal.Message.Should().Contain($"has {kept} bytes");
            image = Image(format, options);
        }
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Only_the_first_kilobyte_of_an_image_is_refused(string type, string format, string? options)
    {
        var image = Image(format, options);
        using (var stream = new FileStream(image, FileMode.Open))
        {
            stream.SetLength(1024);
        }

        SourceImage.Refusal(type, image).Code.Should().Be(ErrorCodes.InputTruncated);
    }

    [Fact]
    public void A_fixed_VHD_that_was_cut_has_lost_its_mark_and_the_hint_says_so()
    {
        var image = Image("vpc", "subformat=fixed,force_size=on", "disk.vhd");
        using (var stream = new FileStream(image, FileMode.Open))
        {
            stream.SetLength(stream.Length - 512);
        }

        var refusal = SourceImage.Refusal("vhd", image);

        refusal.Code.Should().Be(ErrorCodes.InputFormat);
        refusal.Hint.Should().Contain("last 512 bytes");
    }

    [Fact]
    public void A_wrong_checksum_of_a_VHD_is_damage()
    {
        var image = Image("vpc", "subformat=fixed,force_size=on");
        Patch(image, new FileInfo(image).Length - 512 + 48, [0xff]);

        SourceImage.Refusal("vhd", image).Code.Should().Be(ErrorCodes.InputCorrupt);
    }

    [Fact]
    public void A_VHDX_with_changes_in_its_log_is_not_served_without_them()
    {
        var image = Image("vhdx", null);
        foreach (var header in new[] { 64 << 10, 128 << 10 })
        {
            Patch(image, header + 48, Guid.NewGuid().ToByteArray());
            Vhdx.Seal(image, header);
        }

        var refusal = SourceImage.Refusal("vhdx", image);

        refusal.Code.Should().Be(ErrorCodes.InputBusy);
        refusal.Message.Should().Contain("not closed cleanly");
    }

    [Fact]
    public void A_disk_of_another_type_is_named_for_what_it_is()
    {
        var image = Image("qcow2", null);

        SourceImage.Refusal("vmdk", image).Message.Should().EndWith("it is a qcow2 disk");
        SourceImage.Refusal("vhdx", image).Code.Should().Be(ErrorCodes.InputFormat);
        SourceImage.Refusal("disk", image, format: "vdi").Code.Should().Be(ErrorCodes.InputFormat);
    }

    [Fact]
    public void A_compressed_file_is_to_be_unpacked_first()
    {
        Tool.Run("gzip", "-k", _space.RawDisk("a.raw", MegaByte));

        SourceImage.Refusal("disk", _space.File("a.raw.gz")).Message.Should().Contain("gzip");
    }

    [Fact]
    public void What_a_guest_writes_at_the_start_of_its_raw_disk_does_not_make_it_a_qcow2_where_raw_is_said()
    {
        var image = Image("qcow2", null);

        SourceImage.Prepare("disk", image, format: "raw").Disks[0].VirtualBytes.Should().Be(new FileInfo(image).Length);
    }

    [Theory]
    [InlineData(79, 0x02, "input.corrupt")]
    [InlineData(79, 0x04, "input.unsupported")]
    [InlineData(78, 0x01, "input.unsupported")]
    [InlineData(35, 0x01, "input.unsupported")]
    public void A_qcow2_that_is_corrupt_encrypted_or_of_the_future_is_refused(int offset, byte value, string code)
    {
        var image = Image("qcow2", null);
        Patch(image, offset, [value]);

        SourceImage.Refusal("disk", image).Code.Name.Should().Be(code);
    }

    [Fact]
    public void A_VirtualBox_snapshot_is_refused()
    {
        var image = Image("vdi", null);
        Patch(image, 0x4c, [4]);

        SourceImage.Refusal("vdi", image).Code.Should().Be(ErrorCodes.InputUnsupported);
    }

    [Fact]
    public void A_disk_that_a_running_guest_writes_is_busy()
    {
        foreach (var format in new[] { "raw", "qcow2" })
        {
            var image = Image(format, null, "busy." + format);
            var socket = _space.File("lock.sock");
            using var guest = Core.Servers.NbdServer.Start(
                Core.Servers.QemuNbdCommand.Create(socket, image, format, readOnly: false), socket, image, ErrorCodes.InputServer);
            guest.WaitUntilReady();

            SourceImage.Refusal("disk", image, format).Code.Should().Be(ErrorCodes.InputBusy);
        }
    }

    [Fact]
    public void A_disk_that_VMware_has_locked_is_busy()
    {
        var image = Image("vmdk", null);
        Directory.CreateDirectory(image + ".lck");
        File.WriteAllText(image + ".lck/M12345.lck", "x");

        SourceImage.Refusal("vmdk", image).Code.Should().Be(ErrorCodes.InputBusy);
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_told_so()
    {
        var image = Image("vmdk", null);
        File.SetUnixFileMode(image, UnixFileMode.None);
        File.SetUnixFileMode(_space.Root, (UnixFileMode)0b111_111_111);

        // As nobody, because root may read all.
        var result = CommandRunner.Run(new Command("setpriv", "--reuid=65534", "--clear-groups", Tool.Program("vmdk"), "--print-source", image));

        result.ExitCode.Should().Be(ErrorCodes.InputPermission.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain(image);
    }

    [Fact]
    public void The_second_of_two_disks_is_named_by_its_index()
    {
        var good = Image("vmdk", null);

        FluentActions.Invoking(() => Inputs.InputTypes.Find("vmdk")!.Prepare(new Inputs.InputRequest([good, _space.File("none")], null, false, null, new Dictionary<string, string>())))
            .Should().Throw<StepException>().Which.Disk.Should().Be(1);
    }

    private string Image(string format, string? options, string? name = null)
    {
        var image = _space.File(name ?? $"disk.{format}");
        Tool.Convert(_space.RawDisk("disk.raw", 16 * MegaByte), format, image, options);
        return image;
    }

    private static void Patch(string path, long offset, byte[] bytes)
    {
        using var stream = new FileStream(path, FileMode.Open);
        stream.Position = offset;
        stream.Write(bytes);
    }
}
