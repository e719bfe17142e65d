using System.Security.Cryptography;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Helpers.Input.Tests.Support;

/// <summary>The real tools, and the program under test as it is staged.</summary>
public static class Tool
{
    private static readonly Lazy<string> ExecPath = new(() =>
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Hyper2Kvm.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("no repository above the tests");
        }

        return Path.Combine(directory, "artifacts/hyper2kvm/libexec");
    });

    public static string Program(string type) => Path.Combine(ExecPath.Value, $"input-{type}");

    public static CommandResult Input(string type, params string[] arguments) => CommandRunner.Run(new Command(Program(type), arguments));

    public static string Run(string program, params string[] arguments)
        => CommandRunner.RunChecked(new Command(program, arguments), ErrorCodes.Input, $"{program} {string.Join(' ', arguments)}").OutputText;

    public static void Convert(string raw, string format, string target, string? options = null)
        => Run("qemu-img", ["convert", "-f", "raw", "-O", format, .. options is null ? Array.Empty<string>() : ["-o", options], raw, target]);

    /// <summary>Fails where a socket does not serve exactly these bytes.</summary>
    public static void ShouldServe(string socket, string raw)
    {
        Size(socket).Should().Be(new FileInfo(raw).Length);
        Run("qemu-img", "compare", "-f", "raw", "-F", "raw", raw, Uri(socket));
    }

    public static void Write(string socket, long offset, int count, byte value)
        => Run("qemu-io", "-f", "raw", "-c", $"write -P {value} {offset} {count}", "-c", "flush", Uri(socket));

    public static bool Holds(string socket, long offset, int count, byte value)
        => !Run("qemu-io", "-r", "-f", "raw", "-c", $"read -P {value} {offset} {count}", Uri(socket)).Contains("verification failed");

    public static long Size(string socket) => long.Parse(Run("nbdinfo", "--size", Uri(socket)));

    public static string Uri(string socket) => $"nbd+unix:///?socket={socket}";

    /// <summary>Digest of all files of a directory, with their names.</summary>
    public static string Digest(string directory)
        => string.Join('\n', Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path =>
        {
            using var stream = File.OpenRead(path);
            return $"{path} {System.Convert.ToHexString(SHA256.HashData(stream))}";
        }));
}
