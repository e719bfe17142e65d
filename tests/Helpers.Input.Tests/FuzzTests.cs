using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Images;
using Hyper2Kvm.Helpers.Input.Images.Vmdk;
using Hyper2Kvm.Helpers.Input.Tests.Support;

namespace Hyper2Kvm.Helpers.Input.Tests;

/// <summary>Whatever bytes a source has, looking at it gives a disk or an understood failure, and soon.</summary>
public sealed class FuzzTests : IDisposable
{
    private const int Rounds = 400;

    /// <summary>Headers, tables and footers are in the first and last part of these small images.</summary>
    private const int Interesting = 330_000;

    private readonly Workspace _space = new();

    public void Dispose() => _space.Dispose();

    [Theory]
    [InlineData("qcow2", null)]
    [InlineData("vmdk", "subformat=monolithicSparse")]
    [InlineData("vmdk", "subformat=streamOptimized")]
    [InlineData("vmdk", "subformat=monolithicFlat")]
    [InlineData("vpc", "subformat=dynamic")]
    [InlineData("vpc", "subformat=fixed,force_size=on")]
    [InlineData("vhdx", null)]
    [InlineData("vdi", null)]
    public void Images_with_random_changes_give_a_disk_or_an_understood_failure(string format, string? options)
    {
        var image = _space.File("fuzz." + format);
        Tool.Convert(_space.RawDisk("a.raw", 1 << 20), format, image, options);
        var random = new Random(20_240_601);
        using var stream = new FileStream(image, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var original = new byte[stream.Length];
        stream.ReadExactly(original);
        var understood = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var changed = new List<int>();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                changed.Add(Place(random, original.Length));
                stream.Position = changed[^1];
                stream.WriteByte(random.Next(4) switch { 0 => 0xff, 1 => 0x7f, 2 => 0, _ => (byte)random.Next(256) });
            }

            stream.SetLength(random.Next(10) == 0 ? random.Next(1, original.Length) : original.Length);
            stream.Flush();
            understood += IsUnderstood(image) ? 1 : 0;
            stream.SetLength(original.Length);
            stream.Position = 0;
            stream.Write(original);
        }

        understood.Should().Be(Rounds);
    }

    [Fact]
    public void Descriptors_of_random_lines_give_a_descriptor_or_an_understood_failure()
    {
        string[] pieces = ["RW", "RDONLY", "NOACCESS", " ", "\t", "1", "-1", "99999999999999999999", "0", "FLAT", "SPARSE", "\"", "a.vmdk", "\n", "\r\n", "=", "createType", "CID", "parentCID", "xyz", "#", "\0", "é", "monolithicFlat"];
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                VmdkDescriptor.Parse(System.Text.Encoding.UTF8.GetBytes(text), "fuzz").Bytes.Should().BePositive();
            }
            catch (StepException)
            {
                // Understood.
            }
        }
    }

    /// <summary>Headers more often than the rest, and the last sectors as well.</summary>
    private static int Place(Random random, int length) => random.Next(3) switch
    {
        0 => random.Next(Math.Min(length, 600)),
        1 => random.Next(Math.Max(0, length - 1600), length),
        _ => random.Next(Math.Min(length, Interesting)),
    };

    private static bool IsUnderstood(string path)
    {
        try
        {
            using var file = SourceFile.Open(path);
            return ImageFormats.Detect(file).Read(file).VirtualBytes > 0;
        }
        catch (StepException failure)
        {
            return failure.Message.Contains(Path.GetDirectoryName(path)!);
        }
    }
}
