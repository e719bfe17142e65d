using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Core.Documents;

/// <summary>How a qcow2 disk is made: what <c>-oo</c> says of it. Read in one place, for the output that checks and the copy that writes.</summary>
public sealed record Qcow2Options
{
    /// <summary>Key of <c>-oo</c> for the cluster size.</summary>
    public const string ClusterSizeKey = "cluster_size";

    /// <summary>Key of <c>-oo</c> for compressed clusters.</summary>
    public const string CompressedKey = "compressed";

    /// <summary>The smallest cluster, bytes (qcow2.txt, "Header": cluster_bits is at least 9).</summary>
    public const int SmallestCluster = 512;

    /// <summary>The largest cluster that QEMU opens, bytes (the same place: cluster_bits is at most 21).</summary>
    public const int LargestCluster = 2 << 20;

    /// <summary>Bytes of the L1 table that QEMU still reads (QCOW_MAX_L1_SIZE of its block/qcow2.h).</summary>
    private const long LongestL1Table = 32 << 20;

    private const int EntryBytes = 8;

    /// <summary>Bytes of a cluster, a power of two; QEMU's default.</summary>
    public int ClusterBytes { get; init; } = 64 << 10;

    /// <summary>Clusters are deflated, each alone, where that makes them smaller.</summary>
    public bool Compressed { get; init; }

    /// <summary>The largest disk that such an image can hold, bytes.</summary>
    public long LongestDisk => LongestL1Table / EntryBytes * (ClusterBytes / EntryBytes) * ClusterBytes;

    /// <summary>The options of a job whose disks are qcow2; <see langword="null"/> where they are not.</summary>
    /// <param name="output">Output section of the job.</param>
    /// <exception cref="StepException">A value is not understood, or does not go with the others (<see cref="ErrorCodes.Usage"/>).</exception>
    public static Qcow2Options? Of(JobOutput output)
    {
        var clusterBytes = output.Options.GetValueOrDefault(ClusterSizeKey) is { } text ? ParseClusterSize(text) : new Qcow2Options().ClusterBytes;
        var compressed = IsTrue(output.Options.GetValueOrDefault(CompressedKey));
        if (output.Format != "qcow2")
        {
            return compressed ? throw Refused("-oo compressed is for qcow2 disks", "Add -of qcow2.") : null;
        }

        if (compressed && output.Allocation == "preallocated")
        {
            throw Refused("a compressed disk cannot be preallocated: how long it will be is not known", "Leave out -oo compressed or -oa preallocated.");
        }

        return new Qcow2Options { ClusterBytes = clusterBytes, Compressed = compressed };
    }

    /// <summary>Reads a cluster size as qemu-img takes it: bytes, or with <c>k</c> or <c>M</c>.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Bytes.</returns>
    /// <exception cref="StepException">It is none (<see cref="ErrorCodes.Usage"/>).</exception>
    public static int ParseClusterSize(string text)
    {
        return ByteSize.TryParse(text, out var bytes) && bytes is >= SmallestCluster and <= LargestCluster && long.IsPow2(bytes)
            ? (int)bytes
            : throw Refused($"'{text}' is no cluster size of qcow2", "It is a power of two from 512 to 2M, such as 64k.");
    }

    private static bool IsTrue(string? value) => value switch
    {
        null or "false" or "off" or "no" => false,
        "true" or "on" or "yes" => true,
        _ => throw Refused($"-oo compressed={value} is neither true nor false", "Write -oo compressed=true."),
    };

    private static StepException Refused(string message, string hint) => new(ErrorCodes.Usage, message, hint);
}
