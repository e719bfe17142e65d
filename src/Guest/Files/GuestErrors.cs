using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Files;

/// <summary>An errno met in the guest's tree as the failure that it means.</summary>
internal static class GuestErrors
{
    /// <summary>The exception to throw.</summary>
    /// <param name="path">The path in the guest.</param>
    /// <param name="what">What was being done, <c>cannot be read</c>.</param>
    /// <param name="errno">The error number.</param>
    /// <returns>A full file system and a lost disk stop the conversion with codes of their own; the rest is about this file.</returns>
    public static Exception Of(string path, string what, int errno) => errno switch
    {
        Errno.NoSpace or Errno.QuotaExceeded
            => new StepException(ErrorCodes.ConvertNoSpace, $"{path} {what} in the guest: {SystemError.Text(errno)}"),
        // EFSCORRUPTED and EFSBADCRC of ext4 and XFS.
        Errno.NeedsCleaning or Errno.BadMessage
            => new StepException(ErrorCodes.ConvertDisk, $"{path} {what} in the guest: its file system is damaged ({SystemError.Text(errno)})", "Check it in the guest or a rescue system (e2fsck -f, xfs_repair), then export the guest again."),
        Errno.Io or Errno.NotConnected or Errno.ConnectionAborted or Errno.ReadOnly or Errno.NoDeviceOrAddress
            => new StepException(ErrorCodes.ConvertDisk, $"{path} {what} in the guest: {SystemError.Text(errno)}"),
        Errno.TooManyLinks
            => new GuestFileException(path, $"{what}: a loop of symbolic links"),
        _ => new GuestFileException(path, $"{what}: {SystemError.Text(errno)}"),
    };
}
