namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>LUKS1 containers by QEMU, which has a LUKS of its own: no device mapper is needed, and it is another reader than ours.</summary>
internal static class LuksImage
{
    private const int Tries = 50;

    public const string Passphrase = "correct horse: battery";

    /// <summary>Makes a container of a plain image.</summary>
    public static string Make(ScratchDirectory scratch, string name, string plain, string options = "cipher-alg=aes-256,cipher-mode=xts,ivgen-alg=plain64")
    {
        var path = scratch.File(name);
        for (var tries = Tries; ; tries--)
        {
            try
            {
                Tool.Run("qemu-img", "convert", "-f", "raw", "-O", "luks", "--object", $"secret,id=key,data={Passphrase}", "-o", $"key-secret=key,iter-time=10,{options}", plain, path);
                return path;
            }
            catch (InvalidOperationException failure) when (tries > 0 && failure.Message.Contains("Unable to get accurate CPU usage", StringComparison.Ordinal))
            {
                // QEMU measures PBKDF2 by the CPU time of a thread, and gives up where the kernel's clock did not move meanwhile.
            }
        }
    }

    /// <summary>What QEMU reads in a container.</summary>
    public static byte[] Read(ScratchDirectory scratch, string path)
    {
        var plain = scratch.File("by-qemu");
        Tool.Run("qemu-img", "convert", "--object", $"secret,id=key,data={Passphrase}", "--image-opts", $"driver=luks,file.filename={path},key-secret=key", "-O", "raw", plain);
        return File.ReadAllBytes(plain);
    }
}
