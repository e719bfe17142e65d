using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Caching;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Files;

/// <content>What changes the tree.</content>
public sealed partial class ConfinedFiles
{
    private const int CopyBufferBytes = 1024 * 1024;

    /// <inheritdoc/>
    public void Write(string path, ReadOnlySpan<byte> content, uint mode = 0x1A4)
    {
        using var change = new Change(_directories);
        var (directory, name) = FollowLinks(path);
        using (directory)
        {
            var identity = IdentityOf(directory, name, path) ?? FileIdentity.New(mode);
            using var file = ReplacementFile.Create(directory, name, path);
            WriteAt(file.Content, content, 0, path);
            identity.ApplyTo(file.Content, path);
            file.Keep(replace: true);
        }
    }

    /// <inheritdoc/>
    public void Copy(string from, string to)
    {
        using var change = new Change(_directories);
        using var source = OpenRegular(from, out var status);
        using var directory = OpenParent(to, create: true);
        var name = ConfinedTree.Split(to).Name;
        if (ConfinedTree.StatusOf(directory, name) is not null)
        {
            throw new GuestFileException(to, "exists already");
        }

        using var file = ReplacementFile.Create(directory, name, to);
        var buffer = new byte[(int)Math.Clamp((long)status.Length, 1, CopyBufferBytes)];
        for (long offset = 0; ; offset += buffer.Length)
        {
            var count = ReadPart(source, buffer, offset, from);
            WriteAt(file.Content, buffer.AsSpan(0, count), offset, to);
            if (count < buffer.Length)
            {
                break;
            }
        }

        FileIdentity.Of(source, status).ApplyTo(file.Content, to);
        file.Keep(replace: false);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        using var change = new Change(_directories);
        using var source = OpenParent(from, create: false);
        using var target = OpenParent(to, create: false);
        var name = ConfinedTree.Split(to).Name;
        if (ConfinedTree.StatusOf(target, name) is { } status && (status.Mode & TypeMask) is not (TypeFile or TypeLink))
        {
            throw new GuestFileException(to, "is no regular file and is not replaced");
        }

        Check(NativeMethods.RenameAt(source, ConfinedTree.Split(from).Name, target, name, 0), from, $"cannot be renamed to {to}");
    }

    /// <inheritdoc/>
    public void Link(string path, string target)
    {
        using var change = new Change(_directories);
        using var directory = OpenParent(path, create: true);
        var name = ConfinedTree.Split(path).Name;
        if (ConfinedTree.StatusOf(directory, name) is { } status && (status.Mode & TypeMask) != TypeLink)
        {
            throw new GuestFileException(path, "is no symbolic link and is not replaced by one");
        }

        var temporaryName = ReplacementFile.TemporaryName();
        Check(NativeMethods.SymbolicLinkAt(target, directory, temporaryName), path, "cannot be linked");
        if (NativeMethods.RenameAt(directory, temporaryName, directory, name, 0) != 0)
        {
            var errno = SystemError.Last;
            _ = NativeMethods.UnlinkAt(directory, temporaryName, 0);
            throw GuestErrors.Of(path, "cannot be linked", errno);
        }
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        using var change = new Change(_directories);
        using var directory = _tree.TryOpenParent(path, create: false, out var errno);
        if (directory is null)
        {
            if (!IsAbsence(errno))
            {
                throw GuestErrors.Of(path, "cannot be removed", errno);
            }

            return;
        }

        if (NativeMethods.UnlinkAt(directory, ConfinedTree.Split(path).Name, 0) != 0 && SystemError.Last != Errno.NoEntry)
        {
            throw GuestErrors.Of(path, "cannot be removed", SystemError.Last);
        }
    }

    private static void Check(int result, string path, string what)
    {
        if (result != 0)
        {
            throw GuestErrors.Of(path, what, SystemError.Last);
        }
    }

    private static int ReadPart(SafeFileHandle file, byte[] buffer, long offset, string path)
    {
        var total = 0;
        try
        {
            int count;
            while (total < buffer.Length && (count = RandomAccess.Read(file, buffer.AsSpan(total), offset + total)) > 0)
            {
                total += count;
            }
        }
        catch (IOException failed)
        {
            throw new StepException(ErrorCodes.ConvertDisk, $"{path} cannot be read in the guest: {failed.Message}", inner: failed);
        }

        return total;
    }

    private static void WriteAt(SafeFileHandle file, ReadOnlySpan<byte> content, long offset, string path)
    {
        try
        {
            RandomAccess.Write(file, content, offset);
        }
        catch (IOException failed)
        {
            // .NET keeps the errno in the HResult of an IOException that it has no class for.
            throw GuestErrors.Of(path, "cannot be written", failed.HResult is > 0 and < 4096 ? failed.HResult : Errno.Io);
        }
    }

    /// <summary>Owner, mode and label of what is to be replaced; <see langword="null"/> where nothing is.</summary>
    private static FileIdentity? IdentityOf(SafeFileHandle directory, string name, string path)
    {
        var descriptor = NativeMethods.OpenAt2(directory, name, NativeMethods.OpenPath | NativeMethods.OpenNoFollow, 0, NativeMethods.ResolveInRoot | NativeMethods.ResolveNoMagicLinks);
        if (descriptor < 0)
        {
            return SystemError.Last == Errno.NoEntry ? null : throw GuestErrors.Of(path, "cannot be replaced", SystemError.Last);
        }

        using var found = new SafeFileHandle(descriptor, ownsHandle: true);
        using var old = Reopen(found, path, out var status);
        return FileIdentity.Of(old, status);
    }

    private SafeFileHandle OpenParent(string path, bool create)
        => _tree.TryOpenParent(path, create, out var errno) ?? throw GuestErrors.Of(path, "cannot be reached", errno);

    /// <summary>The directory and the name of what a path means once links in its last component are followed; it need not exist.</summary>
    private (SafeFileHandle Directory, string Name) FollowLinks(string path)
    {
        var at = path;
        for (var links = 0; links <= ConfinedTree.MostLinks; links++)
        {
            var directory = OpenParent(at, create: true);
            var (prefix, name) = ConfinedTree.Split(at);
            if (ConfinedTree.ReadLink(directory, name) is not { } target)
            {
                return (directory, name);
            }

            // A relative target starts where the link is: the kernel resolves the prefix with it, "..", links and all.
            directory.Dispose();
            at = target.StartsWith('/') ? target : prefix + target;
        }

        throw GuestErrors.Of(path, "cannot be written", Errno.TooManyLinks);
    }

    /// <summary>What directories hold is read anew after a change, also one that failed half-way.</summary>
    private readonly ref struct Change(TimedCache<string, IReadOnlyList<string>>? directories)
    {
        public void Dispose() => directories?.Drop();
    }
}
