using System.Security.Cryptography;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Files;

/// <summary>A new file that is written beside its final name and then renamed to it; removed if that does not happen.</summary>
internal sealed class ReplacementFile : IDisposable
{
    private readonly SafeFileHandle _directory;
    private readonly string _name;
    private readonly string _path;
    private readonly string _temporaryName;
    private bool _kept;

    private ReplacementFile(SafeFileHandle directory, string name, string path, string temporaryName, SafeFileHandle content)
    {
        _directory = directory;
        _name = name;
        _path = path;
        _temporaryName = temporaryName;
        Content = content;
    }

    /// <summary>The file, open for writing.</summary>
    public SafeFileHandle Content { get; }

    /// <summary>A name that nobody has, for something that is to be renamed.</summary>
    public static string TemporaryName() => $".hyper2kvm-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";

    /// <summary>Makes the file.</summary>
    /// <param name="directory">Open directory that it is in.</param>
    /// <param name="name">Its final name there.</param>
    /// <param name="path">Its path, for messages.</param>
    public static ReplacementFile Create(SafeFileHandle directory, string name, string path)
    {
        var temporaryName = TemporaryName();
        const int Flags = NativeMethods.OpenWriteOnly | NativeMethods.OpenCreate | NativeMethods.OpenExclusive;
        var descriptor = NativeMethods.OpenAt2(directory, temporaryName, Flags | NativeMethods.OpenNoFollow, 0x180, NativeMethods.ResolveInRoot | NativeMethods.ResolveNoMagicLinks);
        return descriptor >= 0
            ? new ReplacementFile(directory, name, path, temporaryName, new SafeFileHandle(descriptor, ownsHandle: true))
            : throw GuestErrors.Of(path, "cannot be written", SystemError.Last);
    }

    /// <summary>Syncs it and gives it its name.</summary>
    /// <param name="replace">Whether something of the name may be there already.</param>
    public void Keep(bool replace)
    {
        if (NativeMethods.Sync(Content) != 0
            || NativeMethods.RenameAt(_directory, _temporaryName, _directory, _name, replace ? 0 : NativeMethods.RenameNoReplace) != 0)
        {
            throw GuestErrors.Of(_path, "cannot be written", SystemError.Last);
        }

        _kept = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Content.Dispose();
        if (!_kept)
        {
            _ = NativeMethods.UnlinkAt(_directory, _temporaryName, 0);
        }
    }
}
