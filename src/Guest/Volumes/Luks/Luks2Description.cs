using System.Text.Json;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>The JSON text of a LUKS2 header (LUKS2 On-Disk Format Specification 1.1.3, 3).</summary>
internal static class Luks2Description
{
    private const int Deepest = 32;
    private const int SectorBytes = 512;

    /// <summary>Longest text that is read, bytes: 32 key slots take some 16 KiB. The header has room for 4 MiB, whose parsing would take 70.</summary>
    private const int LongestText = 1024 * 1024;

    private static readonly int[] SectorSizes = [512, 1024, 2048, 4096];

    /// <summary>Reads it.</summary>
    /// <param name="text">The text, UTF-8.</param>
    /// <param name="uuid">UUID of the container.</param>
    /// <param name="areas">Where the key slots' areas may begin, bytes.</param>
    /// <param name="length">Length of the container, bytes.</param>
    /// <exception cref="VolumeProblem">It is damaged, or has what is not supported.</exception>
    public static LuksContainer Parse(ReadOnlyMemory<byte> text, string uuid, long areas, long length)
    {
        if (text.Length > LongestText)
        {
            throw Luks2Object.Damaged("its text is longer than any tool writes");
        }

        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = Deepest });
            var root = new Luks2Object(document.RootElement, "the header");
            RefuseRequirements(root);
            var (name, segment) = Segment(root.Object("segments"), length);
            var digest = root.Object("digests").Members().FirstOrDefault(candidate => candidate.Object.Strings("segments").Contains(name)).Object
                ?? throw Luks2Object.Damaged("no digest belongs to the data");
            return new LuksContainer(2, uuid, Slots(root.Object("keyslots"), digest, areas, length), segment);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // The latter for names and texts that are no UTF-8, or half a surrogate pair.
            throw Luks2Object.Damaged("its text is no JSON");
        }
    }

    /// <summary>What a reader has to know to touch the container at all (3.6): re-encryption under way, and what comes later.</summary>
    private static void RefuseRequirements(Luks2Object root)
    {
        var requirements = root.Optional("config")?.Optional("requirements")?.Strings("mandatory") ?? [];
        if (requirements.Count > 0)
        {
            throw new VolumeProblem(requirements.Any(one => one.Contains("reencrypt", StringComparison.Ordinal))
                ? "it is being encrypted anew (cryptsetup reencrypt): let that end in the guest first"
                : $"it needs what is not supported: {LuksText.Quote(requirements[0])}");
        }
    }

    private static (string Name, LuksSegment Segment) Segment(Luks2Object segments, long length)
    {
        var used = segments.Members().Where(member => !member.Object.Strings("flags").Any(flag => flag.StartsWith("backup-", StringComparison.Ordinal))).Take(2).ToList();
        if (used is not [var (name, segment)])
        {
            throw new VolumeProblem(used.Count == 0 ? "its LUKS2 header names no data" : "its data lies in several segments: it is being encrypted anew (let that end in the guest first)");
        }

        if (segment.Text("type") is not "crypt" and var type)
        {
            throw new VolumeProblem($"its data is of the type {LuksText.Quote(type)}, which is not supported");
        }

        if (segment.Has("integrity"))
        {
            throw new VolumeProblem("its data is authenticated (dm-integrity), which is not supported");
        }

        var offset = segment.Bytes("offset");
        var sector = (int)segment.Number("sector_size", SectorSizes[^1]);
        if (!SectorSizes.Contains(sector))
        {
            throw Luks2Object.Damaged("its data is in sectors of a size that there is not");
        }

        var size = segment.Text("size") is "dynamic" ? Math.Max(0, length - offset) / sector * sector : segment.Bytes("size");
        if (offset % SectorBytes != 0 || size <= 0 || size % sector != 0 || offset > length || size > length - offset)
        {
            throw Luks2Object.Damaged("its data does not lie within it");
        }

        return (name, new LuksSegment(offset, size, segment.Sectors("iv_tweak"), segment.Text("encryption"), sector));
    }

    /// <summary>The slots that hold the key of the data; a preferred one first, one that is to be passed over last (3.2, <c>priority</c>).</summary>
    /// <remarks>A slot that needs what is not supported is passed over, as cryptsetup does: another may open. Only where none is left is its reason told.</remarks>
    private static List<LuksKeySlot> Slots(Luks2Object slots, Luks2Object digest, long areas, long length)
    {
        var names = digest.Strings("keyslots");
        var value = Digest(digest);
        var usable = new List<LuksKeySlot>();
        VolumeProblem? refused = null;
        foreach (var (slotName, slot) in slots.Members().Where(member => names.Contains(member.Name) && member.Object.Text("type") == "luks2")
            .Take(LuksKeySlot.Most)
            .OrderByDescending(member => member.Object.Has("priority") ? member.Object.Number("priority", 2) : 1))
        {
            try
            {
                usable.Add(Slot(slotName, slot, value, areas, length));
            }
            catch (VolumeProblem problem) when (!Luks2Object.IsDamage(problem))
            {
                refused ??= problem;
            }
        }

        return usable.Count > 0 || refused is null ? usable : throw refused;
    }

    private static LuksKeySlot Slot(string name, Luks2Object slot, LuksDigest digest, long areas, long length)
    {
        var (splitter, area) = (slot.Object("af"), slot.Object("area"));
        var keyBytes = (int)slot.Number("key_size", LuksKeySlot.LongestKey);
        var stripes = (int)splitter.Number("stripes", LuksKeySlot.MostStripes);
        var (offset, size) = (area.Bytes("offset"), area.Bytes("size"));
        if (keyBytes == 0 || stripes == 0 || offset < areas || offset > length || size > length - offset || keyBytes * (long)stripes > size)
        {
            throw Luks2Object.Damaged($"key slot {LuksText.Quote(name)} does not lie within it");
        }

        if (area.Text("type") is not "raw" and var type)
        {
            throw new VolumeProblem($"key slot {LuksText.Quote(name)} lies in an area of the type {LuksText.Quote(type)}, which is not supported");
        }

        return new LuksKeySlot(
            int.TryParse(name, out var number) ? number : -1,
            keyBytes,
            Kdf(slot.Object("kdf")),
            LuksHash.Of(splitter.Text("hash")),
            stripes,
            offset,
            area.Text("encryption"),
            (int)area.Number("key_size", LuksKeySlot.LongestKey),
            digest);
    }

    private static LuksKdf Kdf(Luks2Object kdf) => kdf.Text("type") switch
    {
        "pbkdf2" => new Pbkdf2Kdf(LuksHash.Of(kdf.Text("hash")), AtLeastOne(kdf, "iterations"), kdf.Binary("salt")),
        "argon2i" => Argon(kdf, Argon2Type.I),
        "argon2id" => Argon(kdf, Argon2Type.Id),
        var other => throw new VolumeProblem($"the key derivation {LuksText.Quote(other)} is not supported (pbkdf2, argon2i and argon2id are)"),
    };

    private static Argon2Kdf Argon(Luks2Object kdf, Argon2Type type)
        => new(type, (uint)kdf.Number("time", uint.MaxValue), (uint)kdf.Number("memory", uint.MaxValue), (uint)kdf.Number("cpus", uint.MaxValue), kdf.Binary("salt"));

    private static LuksDigest Digest(Luks2Object digest)
        => digest.Text("type") is not "pbkdf2" and var type
            ? throw new VolumeProblem($"a digest of the type {LuksText.Quote(type)} is not supported")
            : digest.Binary("digest") is { Length: >= 16 and <= 64 } value
                ? new LuksDigest(LuksHash.Of(digest.Text("hash")), AtLeastOne(digest, "iterations"), digest.Binary("salt"), value)
                : throw Luks2Object.Damaged("a digest is not of its length");

    private static int AtLeastOne(Luks2Object where, string name)
        => (int)where.Number(name, Pbkdf2Kdf.MostIterations) is > 0 and var number ? number : throw Luks2Object.Damaged($"{name} is 0");
}
