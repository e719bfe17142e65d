using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Mounting.Appliance;
using Hyper2Kvm.Guest.Mounting.Ntfs;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Mounting;

/// <content>All by the appliance.</content>
internal sealed partial class MountTree
{
    private readonly Lock _applianceGate = new();
    private readonly List<ShownVolume> _shown = [];
    private bool _trimsAtEnd;

    private GuestMount MountByAppliance(ApplianceMachine appliance, GuestVolume volume, string content, string mountPoint, string? subvolume)
    {
        lock (_applianceGate)
        {
            appliance.Take(this);

            // Told before anything moves: there is such a directory.
            _namespace.Run(() => OpenMountPoint(mountPoint).Dispose());
            HideAll(appliance);
            var (options, attempts) = MountInside(appliance, volume, content, mountPoint, subvolume);
            return ShowAll(appliance)[^1] with { Subvolume = subvolume, Options = options, Attempts = attempts, Warning = StateOf(volume, content) };
        }
    }

    /// <summary>Mounts in the appliance, in the best way that works. What was shown before is shown again where none does.</summary>
    private (string Options, IReadOnlyList<MountAttempt> Attempts) MountInside(ApplianceMachine appliance, GuestVolume volume, string content, string mountPoint, string? subvolume)
    {
        try
        {
            return TryWays(appliance, volume, content, mountPoint, subvolume);
        }
        catch (MountFailure)
        {
            if (_shown.Count > 0)
            {
                ShowAll(appliance);
            }

            throw;
        }
    }

    private (string Options, IReadOnlyList<MountAttempt> Attempts) TryWays(ApplianceMachine appliance, GuestVolume volume, string content, string mountPoint, string? subvolume)
    {
        // ntfs-3g refuses by itself what is hibernated; what is only dirty it would write.
        var isDirty = content == "ntfs" && _options.Writable && volume.Map is { } map && NtfsVolumeFlags.Dirty(map, 0, volume.Length) == true;
        if (isDirty && !_options.ForceHibernated)
        {
            throw new MountFailure(NtfsState.LeftDirty.Problem!, Errno.NotPermitted);
        }

        var attempts = new List<MountAttempt>();
        var isReadOnly = !_options.Writable || (volume.Map?.IsReadOnly ?? false);
        foreach (var way in MountLadder.Ways(content, isReadOnly))
        {
            var access = !isReadOnly && way == MountWay.Normal ? "rw" : "ro";
            var options = content == "ntfs" && _options is { Writable: true, ForceHibernated: true } ? "recover,remove_hiberfile" : FileSystemDriver.Options(content, subvolume, way);
            try
            {
                var shown = appliance.Mount(volume, mountPoint, options.Length > 0 ? $"{access},{options}" : access, fixedDevice: isReadOnly || way != MountWay.Normal);
                _shown.Add(shown with { Writable = shown.Writable && access == "rw" });
                attempts.Add(new MountAttempt(isDirty ? MountWay.Forced : way, null));
                return (options, attempts);
            }
            catch (MountFailure failure)
            {
                attempts.Add(new MountAttempt(way, failure.Message));
                if (!MountLadder.GoesOn(content, failure.Errno))
                {
                    throw new MountFailure(MountLadder.Describe(attempts), failure.Errno);
                }
            }
        }

        throw new MountFailure(MountLadder.Describe(attempts), Errno.Io);
    }

    /// <summary>Unmounts all that is attached, and ends the showing, so that the appliance takes commands.</summary>
    private void HideAll(ApplianceMachine appliance)
    {
        var problems = new List<string>();
        _namespace.Run(() => UnmountAll(problems));
        appliance.Hide();
        if (problems.Count > 0)
        {
            throw new StepException(ErrorCodes.ConvertDisk, $"the guest's file systems could not be closed: {string.Join("; ", problems)}");
        }
    }

    /// <summary>Shows all that the appliance has mounted, each in its place, in the order in which they were mounted.</summary>
    private List<GuestMount> ShowAll(ApplianceMachine appliance)
    {
        appliance.Show();
        var mounts = new List<GuestMount>();
        foreach (var shown in _shown)
        {
            using var mount = appliance.Clone(shown);
            mounts.Add(_namespace.Run(() =>
            {
                Attach(mount, shown.MountPoint);
                return Register(shown.Volume, shown.MountPoint, null);
            }));
        }

        return mounts;
    }

    private void CloseAppliance(List<string> problems)
    {
        if (_means.Appliance is not { } appliance || !appliance.Release(this))
        {
            return;
        }

        appliance.Hide();
        foreach (var shown in _shown.Where(shown => shown.Writable && _trimsAtEnd))
        {
            appliance.Trim(shown);
        }

        problems.AddRange(appliance.UnmountAll());
        if (_options.Writable)
        {
            // Only its end tells that all is written.
            problems.AddRange(appliance.ShutDown());
        }
    }
}
