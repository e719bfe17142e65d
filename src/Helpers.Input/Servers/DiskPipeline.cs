using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Servers;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Helpers.Input.Images;

namespace Hyper2Kvm.Helpers.Input.Servers;

/// <summary>Which servers make a disk reachable on its socket <c>inN</c>.</summary>
/// <remarks>
/// Always one nbdkit with one overlay per disk: before nbdkit 1.44 the cow filter has one overlay for all exports, and the data of
/// several disks would be mixed up. The overlay file is unlinked and lives in the work directory's file system.
/// </remarks>
internal static class DiskPipeline
{
    /// <summary>The servers of one disk.</summary>
    /// <param name="work">The work directory.</param>
    /// <param name="index">Index of the disk, from 0.</param>
    /// <param name="image">The disk.</param>
    /// <param name="inPlace">Writes go to the source itself.</param>
    /// <param name="isServed">Its socket <c>srcN</c> is served within this process (<see cref="Streams.StreamExports"/>).</param>
    public static IEnumerable<DiskServer> Of(WorkDirectory work, int index, DiskImage image, bool inPlace, bool isServed)
    {
        var description = $"disk {index}, {image.Path}";
        var socket = work.InSocket(index);
        if (image.Plain is { } plain)
        {
            yield return new DiskServer(Nbdkit(work, socket, PlainPlugin(plain, image.VirtualBytes), inPlace), socket, description);
            yield break;
        }

        if (inPlace)
        {
            yield return new DiskServer(QemuNbdCommand.Create(socket, image.Node.ToFileName(), image.Format, readOnly: false), socket, description);
            yield break;
        }

        var source = SourceSocket(work, index);
        if (!isServed)
        {
            yield return new DiskServer(QemuNbdCommand.Create(source, image.Node.ToFileName(), image.Format, readOnly: true), source, description);
        }

        yield return new DiskServer(Nbdkit(work, socket, new Plugin("nbd", [$"socket={source}"], []), inPlace: false), socket, description + " (overlay)");
    }

    /// <summary>The private socket between the reader of a format and the overlay.</summary>
    /// <param name="work">The work directory.</param>
    /// <param name="index">Index of the disk, from 0.</param>
    public static string SourceSocket(WorkDirectory work, int index) => work.File($"src{index}");

    private static Command Nbdkit(WorkDirectory work, string socket, Plugin plugin, bool inPlace)
        => NbdkitCommand.Create(
            socket,
            plugin.Name,
            inPlace ? plugin.Parameters : [.. plugin.Parameters, $"cow-on-read={work.ConvertFlag}"],
            inPlace ? plugin.Filters : ["cow", .. plugin.Filters],
            temporaryDirectory: work.Path);

    private static Plugin PlainPlugin(PlainFile plain, long virtualBytes) => plain.Bytes.CompareTo(virtualBytes) switch
    {
        0 => new Plugin("file", [$"file={plain.Path}"], []),

        // Something follows the disk in the file: the guest must not see it.
        > 0 => new Plugin("file", [$"file={plain.Path}", "offset=0", $"range={virtualBytes}"], ["offset"]),

        // The last sector is not whole: nbdkit fills it up with zeros.
        _ => new Plugin("file", [$"file={plain.Path}", $"truncate={virtualBytes}"], ["truncate"]),
    };

    private sealed record Plugin(string Name, IReadOnlyList<string> Parameters, IReadOnlyList<string> Filters);
}
