using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Keys;
using Hyper2Kvm.Core.Servers;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.EndToEnd.Support;

/// <summary>Copies out of a guest what a conversion edits, whatever its disks are layered of: its settings, its bootloader's files, what was put there, and the indexes of its modules.</summary>
internal static class ConvertedTree
{
    /// <summary>No text that is edited is longer; kernels and archives are.</summary>
    private const long LargestText = 4L << 20;

    private static readonly string[] Edited = ["/etc", "/boot", "/root/.ssh", "/usr/libexec/hyper2kvm", "/var/lib/hyper2kvm"];

    /// <summary>Copies; links are left out.</summary>
    /// <returns>The directory that stands for the guest's root.</returns>
    public static string CopyOut(Scratch scratch, IEnumerable<string> qcow2Disks, IEnumerable<string> keys)
    {
        var (work, tree) = (Directory.CreateDirectory(scratch.File("opened")).FullName, Directory.CreateDirectory(scratch.File("tree")).FullName);
        var servers = qcow2Disks.Select((disk, index) => Serve(disk, Path.Combine(work, $"nbd{index}"))).ToList();
        try
        {
            using var machine = GuestMachine.Open([.. servers.Select(server => GuestDiskSource.Socket(server.SocketPath, readOnly: true))], Directory.CreateDirectory(Path.Combine(work, "guest")).FullName, new GuestOptions { Keys = [.. keys.Select(GuestKey.Parse)] });
            using var guest = machine.Mount(machine.ChooseSystem(), MountOptions.ReadOnly);
            foreach (var path in Edited.SelectMany(directory => Below(guest.Files, directory)))
            {
                Copy(guest.Files, path, tree + path);
            }

            foreach (var path in guest.Files.List("/lib/modules").SelectMany(version => guest.Files.List($"/lib/modules/{version}").Where(name => name.StartsWith("modules.", StringComparison.Ordinal)).Select(name => $"/lib/modules/{version}/{name}")))
            {
                Copy(guest.Files, path, tree + path);
            }
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
            Directory.Delete(work, recursive: true);
        }

        return tree;
    }

    private static NbdServer Serve(string disk, string socket)
    {
        var server = NbdServer.Start(QemuNbdCommand.Create(socket, disk, "qcow2", readOnly: true), socket, disk, ErrorCodes.InputServer);
        server.WaitUntilReady();
        return server;
    }

    private static IEnumerable<string> Below(IGuestFiles files, string directory)
        => files.Status(directory, followLinks: false)?.Kind != GuestFileKind.Directory ? []
            : files.List(directory).Select(name => $"{directory}/{name}").SelectMany(path => files.Status(path, followLinks: false) switch
            {
                { Kind: GuestFileKind.Directory } => Below(files, path),
                { Kind: GuestFileKind.File, Length: <= LargestText } => [path],
                _ => [],
            });

    private static void Copy(IGuestFiles files, string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllBytes(target, files.Read(path, 4 * LargestText));
    }
}
