using System.Security.Cryptography;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Keys;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>Opens LUKS containers with the keys that were given.</summary>
/// <param name="keys">The keys.</param>
/// <param name="cancel">Gives up.</param>
internal sealed class LuksOpener(IReadOnlyList<GuestKey> keys, CancellationToken cancel)
{
    private readonly DerivationBudget _budget = new(TimeProvider.System, cancel);

    /// <summary>Name of what is in a container, as installers and udisks have it: <c>luks-UUID</c>.</summary>
    /// <param name="uuid">UUID of the container.</param>
    public static string NameOf(string uuid) => $"/dev/mapper/luks-{uuid}";

    /// <summary>Opens a container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="volumes">All volumes, which keys may name.</param>
    /// <returns>The container with what is to be said of it, and what is in it; none where it stays locked.</returns>
    /// <exception cref="StepException">A key file cannot be read (<see cref="ErrorCodes.ConvertKey"/>), or libargon2 is missing (<see cref="ErrorCodes.ToolMissing"/>).</exception>
    public (GuestVolume Container, GuestVolume? Opened) Open(GuestVolume container, IReadOnlyList<GuestVolume> volumes)
    {
        try
        {
            var header = LuksHeader.Read(container.Map!);
            RefuseCipher(header);
            var fitting = keys.Where(key => LockedVolumes.IsMeant(key, container, volumes)).OrderBy(key => key.Id == GuestKey.AllVolumes).ToList();
            var name = $"LUKS{header.Version}, UUID {(header.Uuid.Length > 0 ? header.Uuid : "none")}";
            if (fitting.Count == 0)
            {
                return (Locked(container, VolumeLock.NoKey, $"locked ({name}): no key was given for it"), null);
            }

            return Unlock(container.Map!, header, fitting) is { } key
                ? (container with { Problem = container.Problem ?? header.Note }, Opened(container, header, key))
                : (Locked(container, VolumeLock.WrongKey, $"locked ({name}): none of the keys that were given fits (tried {string.Join(", ", fitting)})"), null);
        }
        catch (VolumeProblem problem)
        {
            return (Locked(container, VolumeLock.Unsupported, $"locked: {problem.Message}"), null);
        }
        catch (StepException unreadable) when (unreadable.Code == ErrorCodes.ConvertDisk)
        {
            return (Locked(container, VolumeLock.Unsupported, unreadable.Message), null);
        }
    }

    private static GuestVolume Locked(GuestVolume container, VolumeLock why, string problem) => container with { Lock = why, Problem = problem };

    private static void RefuseCipher(LuksContainer header)
    {
        if (header.Slots.Count > 0 && header.Slots[0] is var slot && slot.KeyBytes <= LuksKeySlot.LongestKey)
        {
            SectorCipher.Create(header.Segment.Cipher, new byte[slot.KeyBytes], header.Segment.SectorBytes).Dispose();
        }
    }

    private byte[]? Unlock(VolumeMap container, LuksContainer header, IReadOnlyList<GuestKey> keys)
    {
        VolumeProblem? refused = null;
        foreach (var key in keys)
        {
            var passphrase = key.Read();
            try
            {
                if (Unlock(container, header, passphrase, ref refused) is { } found)
                {
                    return found;
                }
            }
            finally
            {
                CryptographicOperations.ZeroMemory(passphrase);
            }
        }

        // What a slot was refused for is told only where no other slot opened.
        return refused is null ? null : throw refused;
    }

    private byte[]? Unlock(VolumeMap container, LuksContainer header, byte[] passphrase, ref VolumeProblem? refused)
    {
        foreach (var slot in header.Slots)
        {
            try
            {
                if (_budget.Spend(() => slot.Open(container, passphrase)) is { } found)
                {
                    return found;
                }
            }
            catch (VolumeProblem problem)
            {
                refused ??= problem;
            }
        }

        return null;
    }

    private static GuestVolume Opened(GuestVolume container, LuksContainer header, byte[] key)
    {
        var store = new LuksStore(container.Map!, header.Segment, key);
        VolumeMap map = new SpanMap(store, container.Disk, 0, store.Length, [.. container.Disks]);
        var name = header.Uuid.Length > 0 ? NameOf(header.Uuid) : $"{container.Device}_crypt";
        return new GuestVolume
        {
            Device = name,
            Names = [name],
            Kind = VolumeKind.Opened,
            Disk = container.Disk,
            Partition = 0,
            Offset = 0,
            Length = store.Length,
            Map = container.Map!.WriteRefusal is { } refusal ? new UnwritableMap(map, refusal) : map,
        };
    }
}
