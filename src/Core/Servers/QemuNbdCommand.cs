using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Core.Servers;

/// <summary>Command lines of qemu-nbd.</summary>
public static class QemuNbdCommand
{
    /// <summary>A qemu-nbd in the foreground on a Unix socket, for any number of clients, which stays when they leave.</summary>
    /// <param name="socketPath">Socket that it makes.</param>
    /// <param name="image">Image file, or <c>--image-opts</c> text where <paramref name="format"/> is <see langword="null"/>.</param>
    /// <param name="format">Format: always named, because a guest could write a qcow2 header into a raw disk.</param>
    /// <param name="readOnly">Open the image read-only.</param>
    /// <param name="further">More arguments, before the image.</param>
    public static Command Create(string socketPath, string image, string? format, bool readOnly, IEnumerable<string>? further = null)
    {
        var arguments = new List<string> { "--persistent", "--shared=0", "--socket", socketPath };
        if (readOnly)
        {
            arguments.Add("--read-only");
        }
        else
        {
            arguments.AddRange(["--discard=unmap", "--detect-zeroes=unmap"]);
        }

        arguments.AddRange(further ?? []);
        arguments.AddRange(format is null ? ["--image-opts", image] : ["--format", format, image]);
        return new Command("qemu-nbd", arguments) { Environment = new Dictionary<string, string?> { ["LC_ALL"] = "C" } };
    }
}
