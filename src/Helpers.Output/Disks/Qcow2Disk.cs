using System.Buffers.Binary;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Outputs;

namespace Hyper2Kvm.Helpers.Output.Disks;

/// <summary>A qcow2 disk: an empty file, which the copy makes an image. It writes the header last, so what has one is whole.</summary>
internal static class Qcow2Disk
{
    // docs/interop/qcow2.txt of QEMU, "Header": big endian.
    private const int HeaderBytes = 104;
    private const uint Magic = 0x514649FB;
    private const uint Version = 3;
    private const int VersionAt = 4;
    private const int SizeAt = 24;
    private const int L1EntriesAt = 36;
    private const int L1OffsetAt = 40;
    private const int RefcountTableAt = 48;
    private const int IncompatibleFeaturesAt = 72;
    private const int EntryBytes = 8;

    /// <summary>Refuses options that the copy would refuse, and disks that are too large for their clusters.</summary>
    /// <param name="run">The run.</param>
    /// <exception cref="StepException">They cannot be used (<see cref="ErrorCodes.Usage"/>).</exception>
    public static void CheckOptions(OutputRun run)
    {
        if (Qcow2Options.Of(run.Job.Output) is { } options && run.Guest.Disks.FirstOrDefault(disk => disk.VirtualBytes > options.LongestDisk) is { } disk)
        {
            throw new StepException(
                ErrorCodes.Usage,
                $"disk {disk.Index} has {disk.VirtualBytes} bytes; a qcow2 image with clusters of {options.ClusterBytes} bytes holds {options.LongestDisk}",
                "Give larger clusters with -oo cluster_size=N.");
        }
    }

    /// <summary>Refuses a file that the copy has not finished.</summary>
    /// <param name="path">The file.</param>
    /// <param name="disk">Index of the disk.</param>
    /// <param name="length">Size that the guest shall see, bytes.</param>
    /// <exception cref="StepException">It is not whole (<see cref="ErrorCodes.OutputFinal"/>), or cannot be read.</exception>
    public static void CheckWhole(string path, int disk, long length)
    {
        var header = new byte[HeaderBytes];
        long fileLength;
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            fileLength = RandomAccess.GetLength(file);
            _ = RandomAccess.Read(file, header, 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw TargetFailure.From(failure, path, ErrorCodes.OutputFinal);
        }

        uint Get32(int at) => BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(at));
        ulong Get64(int at) => BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(at));
        var reason = (Get32(0), Get32(VersionAt), Get64(SizeAt)) switch
        {
            (not Magic, _, _) or (_, not Version, _) => "it has no header, which the copy writes last",
            (_, _, var size) when size != (ulong)length => $"it holds a disk of {size} bytes, not of {length}",
            _ when Get64(IncompatibleFeaturesAt) != 0 => "it is marked dirty or corrupt",
            _ when Math.Max(Get64(L1OffsetAt) + (Get32(L1EntriesAt) * (ulong)EntryBytes), Get64(RefcountTableAt) + EntryBytes) > (ulong)fileLength => "its tables lie behind its end",
            _ => null,
        };
        if (reason is not null)
        {
            throw new StepException(ErrorCodes.OutputFinal, $"{path} is no whole qcow2 image: {reason}", "Run setup and copy again, and final after both have succeeded.", disk: disk);
        }
    }
}
