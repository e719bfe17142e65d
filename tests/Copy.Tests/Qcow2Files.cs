using System.Diagnostics;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>What QEMU says of an image.</summary>
internal static class Qcow2Files
{
    /// <summary>Settings that make one.</summary>
    internal static CopySettings Settings(int clusterBytes = 64 << 10, bool compressed = false) =>
        new() { Qcow2 = new Qcow2Options { ClusterBytes = clusterBytes, Compressed = compressed } };

    /// <summary>No error and no leaked cluster, and the same content as a raw file.</summary>
    internal static void MustBeWhole(string source, string image, string because)
    {
        Ask("check", "-f", "qcow2", image).Should().Be("No errors were found", because);
        if (new FileInfo(source).Length > 0) Ask("compare", "-f", "raw", "-F", "qcow2", source, image).Should().Be("Images are identical.", because);
    }

    /// <summary>qemu-img info as text.</summary>
    internal static string Info(string image) => Output("info", "-f", "qcow2", "--output=json", image);

    internal static string Check(string image) => Output("check", "-f", "qcow2", "--output=json", image);

    /// <summary>All of the answer that counts, so that a failure shows the rest.</summary>
    private static string Ask(params string[] arguments)
    {
        var text = Output(arguments);
        return text.StartsWith("No errors were found", StringComparison.Ordinal) ? "No errors were found" : text.Trim();
    }

    private static string Output(params string[] arguments)
    {
        var start = new ProcessStartInfo("sh", ["-c", "exec qemu-img \"$@\" 2>&1", "sh", .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        return process.StandardOutput.ReadToEnd();
    }
}
