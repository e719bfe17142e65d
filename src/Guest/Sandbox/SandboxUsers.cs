using System.Diagnostics;
using System.Globalization;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Sandbox;

/// <summary>A user namespace whose root is nobody on the host (user_namespaces(7)): 0 in it is the first of a range of ids that no user has.</summary>
/// <remarks>
/// A process holds it, which does nothing. The range is the upper half of all ids, which distributions leave unused (systemd, UIDS-GIDS.md);
/// nothing on a disk gets one of them, since the guest's mounts translate them back (mount_setattr(2), MOUNT_ATTR_IDMAP).
/// </remarks>
internal sealed class SandboxUsers : IDisposable
{
    private const uint FirstId = 0x8000_0000;
    private const uint Ids = 0x7FFF_FFFE;

    /// <summary>SIGKILL ends a process in milliseconds; one that waits for a slow disk takes longer.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(30);

    private readonly ChildProcess _holder;
    private readonly string _name;

    private SandboxUsers(ChildProcess holder)
    {
        _holder = holder;
        _name = NameOf(holder.Id) ?? throw Forbidden("its process ended");
        Handle = File.OpenHandle(Path);
    }

    /// <summary>Names the namespace, for nsenter(1).</summary>
    public string Path => $"/proc/{_holder.Id}/ns/user";

    /// <summary>The namespace, for mount_setattr(2).</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Makes one.</summary>
    /// <exception cref="StepException">This host forbids it (<see cref="ErrorCodes.ConvertRebuild"/>).</exception>
    public static SandboxUsers Create()
    {
        using var started = new ManualResetEventSlim();
        void WaitForWord(Stream output)
        {
            _ = output.ReadByte();
            started.Set();
            output.CopyTo(Stream.Null);
        }

        var holder = ChildProcess.Start(new Command("unshare", "--user", "--", "sh", "-c", "echo; exec sleep infinity"), WaitForWord);
        try
        {
            // Set too when it ends without a word.
            started.Wait();
            var map = string.Create(CultureInfo.InvariantCulture, $"0 {FirstId} {Ids}\n");
            File.WriteAllText($"/proc/{holder.Id}/uid_map", map);
            File.WriteAllText($"/proc/{holder.Id}/gid_map", map);
            return new SandboxUsers(holder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            var words = holder.ErrorTail.Trim();
            holder.Dispose();
            throw Forbidden(words.Length > 0 ? words : failure.Message);
        }
        catch
        {
            holder.Dispose();
            throw;
        }
    }

    /// <summary>Kills every process in it, and waits until the last one is gone.</summary>
    /// <exception cref="StepException">One does not go (<see cref="ErrorCodes.ConvertRebuild"/>).</exception>
    public void KillAll()
    {
        var start = Stopwatch.GetTimestamp();
        while (Members() is { Count: > 0 } members)
        {
            members.ForEach(Kill);
            if (Stopwatch.GetElapsedTime(start) > LongestEnd)
            {
                throw new StepException(ErrorCodes.ConvertRebuild, $"processes of the guest do not end: {string.Join(", ", members)}", "Kill them by hand; the guest's disks are in use until then.");
            }

            Thread.Yield();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Handle.Dispose();
        _holder.Dispose();
    }

    private static StepException Forbidden(string reason)
        => new(ErrorCodes.ConvertRebuild, $"programs of the guest cannot be confined: no user namespace can be made: {reason}", "Allow user namespaces (sysctl user.max_user_namespaces), or leave out --rebuild-initramfs=guest.");

    private static string? NameOf(int process) => new FileInfo($"/proc/{process}/ns/user").LinkTarget;

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            // It ended by itself.
        }
    }

    private List<int> Members()
        => [.. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(System.IO.Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && id != _holder.Id && IsMember(id))];

    private bool IsMember(int id)
    {
        try
        {
            return NameOf(id) == _name;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
