namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>The few files by which a Linux system is known, in a folder.</summary>
internal static class LinuxTree
{
    public static string Make(ScratchDirectory scratch, string fstab, string name = "tree", string id = "debian", params string[] directories)
    {
        var root = scratch.File(name);
        foreach (var directory in directories.Concat(["etc", "usr/bin", "usr/lib", "boot", "home", "var"]))
        {
            Directory.CreateDirectory(Path.Combine(root, directory));
        }

        File.WriteAllText(Path.Combine(root, "etc/fstab"), fstab);
        File.WriteAllText(Path.Combine(root, "etc/hostname"), "guest1\n");
        File.WriteAllText(Path.Combine(root, "usr/lib/os-release"), $"ID={id}\nID_LIKE=\"debian other\"\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Test GNU/Linux 12 (\\\"x\\\")\"\n");
        File.CreateSymbolicLink(Path.Combine(root, "etc/os-release"), "../usr/lib/os-release");
        File.CreateSymbolicLink(Path.Combine(root, "bin"), "usr/bin");
        File.WriteAllBytes(Path.Combine(root, "usr/bin/sh"), File.ReadAllBytes("/bin/true"));
        return root;
    }

    /// <summary>Makes its programs run: busybox under the names that scripts of tests use.</summary>
    public static void AddPrograms(string root, string script)
    {
        File.Copy("/bin/busybox", Path.Combine(root, "usr/bin/busybox"));
        File.Delete(Path.Combine(root, "usr/bin/sh"));
        foreach (var name in "adjtimex readlink sh id cat mount umount mknod unshare nsenter chroot insmod swapon swapoff reboot dmesg wget ping ls grep wc hostname sleep seq mkdir chown".Split(' '))
        {
            File.CreateSymbolicLink(Path.Combine(root, "usr/bin", name), "busybox");
        }

        foreach (var directory in new[] { "root", "tmp", "proc", "dev", "sys", "run" })
        {
            Directory.CreateDirectory(Path.Combine(root, directory));
        }

        File.WriteAllText(Path.Combine(root, "etc/script"), script + "\n");
    }
}
