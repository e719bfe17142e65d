using System.Text;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Core.Keys;

/// <summary>A passphrase for encrypted volumes of a guest: <c>--key ID:key:PASSPHRASE</c> or <c>--key ID:file:PATH</c>.</summary>
/// <remarks>Never shows its passphrase: not as text, in no document and no exception.</remarks>
public sealed class GuestKey
{
    /// <summary>The identifier that means every volume.</summary>
    public const string AllVolumes = "all";

    /// <summary>Longest key file, bytes: as cryptsetup has it (<c>cryptsetup --help</c>, "Maximum keyfile size").</summary>
    private const int LongestFile = 8192 * 1024;

    private byte[]? _passphrase;

    private GuestKey(string id, byte[]? passphrase, string? file)
    {
        Id = id;
        _passphrase = passphrase;
        File = file;
    }

    /// <summary>Which volume: a device of the guest (<c>/dev/sda2</c>), the UUID of the container, or <see cref="AllVolumes"/>.</summary>
    public string Id { get; }

    /// <summary>The file that holds the passphrase; <see langword="null"/> where it was given itself.</summary>
    public string? File { get; }

    /// <summary>A key by its passphrase.</summary>
    /// <param name="id">Which volume.</param>
    /// <param name="passphrase">The passphrase.</param>
    public static GuestKey Of(string id, ReadOnlySpan<byte> passphrase) => new(id, passphrase.ToArray(), null);

    /// <summary>A key in a file.</summary>
    /// <param name="id">Which volume.</param>
    /// <param name="path">The file; its whole content without one newline at its end is the passphrase.</param>
    public static GuestKey InFile(string id, string path) => new(id, null, Path.GetFullPath(path));

    /// <summary>The key that a job names.</summary>
    /// <param name="key">As the document has it.</param>
    public static GuestKey From(JobKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new GuestKey(key.Id, null, key.File);
    }

    /// <summary>Reads the value of <c>--key</c>.</summary>
    /// <param name="text">The value.</param>
    /// <exception cref="StepException">It is not of that form (<see cref="ErrorCodes.Usage"/>); the message does not repeat it, since it may be a passphrase.</exception>
    public static GuestKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(':', 3) switch
        {
            [{ Length: > 0 } id, "key", { Length: > 0 } passphrase] => Of(id, Encoding.UTF8.GetBytes(passphrase)),
            [{ Length: > 0 } id, "file", { Length: > 0 } path] => InFile(id, path),
            [{ Length: > 0 }, "clevis", ..] or [{ Length: > 0 }, "clevis"] => throw Wrong("--key with clevis is not supported: no server of the guest's network is asked for its key"),
            _ => throw Wrong("--key is ID:key:PASSPHRASE or ID:file:PATH, where ID is a device of the guest (/dev/sda2), the UUID of the encrypted volume, or all"),
        };
    }

    /// <summary>The passphrase.</summary>
    /// <exception cref="StepException">Its file cannot be read (<see cref="ErrorCodes.ConvertKey"/>).</exception>
    public byte[] Read() => Read(out _);

    /// <summary>The passphrase, and whether it can be read again by its path: a pipe cannot.</summary>
    internal byte[] Read(out bool isLasting)
    {
        isLasting = false;
        if (_passphrase is not null)
        {
            return [.. _passphrase];
        }

        try
        {
            using var file = System.IO.File.OpenRead(File!);
            isLasting = file.CanSeek && !File!.StartsWith("/dev/", StringComparison.Ordinal) && !File.StartsWith("/proc/", StringComparison.Ordinal);
            using var content = new MemoryStream();
            var buffer = new byte[4096];
            for (int count; content.Length <= LongestFile && (count = file.Read(buffer)) > 0;)
            {
                content.Write(buffer, 0, count);
            }

            var bytes = content.Length <= LongestFile ? content.ToArray() : throw new IOException($"it is longer than {LongestFile} bytes");
            var passphrase = bytes is [.. var text, (byte)'\n'] ? text : bytes;
            _passphrase = isLasting ? null : [.. passphrase];
            return passphrase;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new StepException(ErrorCodes.ConvertKey, $"the key file {File} (of {this}) cannot be read: {unreadable.Message}", HeldKeys.IsHeld(File!) ? "It was in the memory of a command that has ended: give --key again." : "Check its path and that this user may read it.", unreadable);
        }
    }

    /// <summary>The option as it was given, with the passphrase left out.</summary>
    public override string ToString() => File is null || HeldKeys.IsHeld(File) ? $"--key {Id}:key:…" : $"--key {Id}:file:{File}";

    private static StepException Wrong(string message) => new(ErrorCodes.Usage, message, "A file keeps the passphrase out of lists of processes: --key all:file:PATH.");
}
