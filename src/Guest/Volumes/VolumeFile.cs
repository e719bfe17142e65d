using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>A part of an open file that is a volume: what a loop device stands on.</summary>
/// <param name="File">The file. Not to be closed by who uses it.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Length, bytes.</param>
/// <param name="IsReadOnly">Whether it can only be read.</param>
internal sealed record VolumeFile(SafeFileHandle File, long Offset, long Length, bool IsReadOnly)
{
    /// <summary>A path to the file for other programs, whatever their mount namespace; good while the file is open here.</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{File.DangerousGetHandle()}";
}
