using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>LUKS1 containers by QEMU, which has a LUKS of its own: no device mapper is needed, and it is another reader than ours.</summary>
internal static class LuksImage
{
    public const string Passphrase = "correct horse:battery";

    private const int Tries = 50;

    /// <summary>Makes a container of a plain image.</summary>
    public static string Make(string path, string plain, string options = "cipher-alg=aes-256,cipher-mode=xts,ivgen-alg=plain64")
    {
        for (var tries = Tries; ; tries--)
        {
            var failure = Run("convert", "-f", "raw", "-O", "luks", "--object", $"secret,id=key,data={Passphrase}", "-o", $"key-secret=key,iter-time=10,{options}", plain, path);
            if (failure is null)
            {
                return path;
            }

            // QEMU measures PBKDF2 by the CPU time of a thread, and gives up where the kernel's clock did not move meanwhile.
            (tries > 0 && failure.Contains("Unable to get accurate CPU usage", StringComparison.Ordinal)).Should().BeTrue(failure);
        }
    }

    /// <summary>What QEMU reads in a container.</summary>
    public static byte[] Read(string path)
    {
        var plain = path + ".by-qemu";
        Run("convert", "--object", $"secret,id=key,data={Passphrase}", "--image-opts", $"driver=luks,file.filename={path},key-secret=key", "-O", "raw", plain).Should().BeNull();
        return File.ReadAllBytes(plain);
    }

    private static string? Run(params string[] arguments)
    {
        var result = CommandRunner.Run(new Command("qemu-img", arguments));
        return result.Succeeded ? null : result.ErrorText;
    }
}
