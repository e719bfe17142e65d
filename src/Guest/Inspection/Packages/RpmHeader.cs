using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>The header of a package, as rpm's databases hold it: numbers are big-endian (rpm, docs/manual/hregions.md; tags: docs/manual/tags.md).</summary>
internal static class RpmHeader
{
    private const int LeadBytes = 8; // how many entries, how many bytes of data
    private const int EntryBytes = 16; // tag, type, offset in the data, count
    private const int MostEntries = 0xFFFF; // rpm, lib/header.c, HEADER_TAGS_MAX
    private const int LongestText = 256;

    /// <summary>What is read of a header at first; most need no more.</summary>
    private const int FirstRead = 8 * 1024;

    /// <summary>Most that is read of a header. The texts that are wanted stand near its start, as tags are in their order.</summary>
    private const int MostRead = 4 * 1024 * 1024;

    private const int Name = 1000;
    private const int Version = 1001;
    private const int Release = 1002;
    private const int Epoch = 1003;
    private const int Architecture = 1022;

    /// <summary>rpm counts the keys that sign packages as packages.</summary>
    private const string SigningKey = "gpg-pubkey";

    /// <summary>The package; <see langword="null"/> for what is none: a header without a name, or a key.</summary>
    /// <param name="start">Gives that many bytes of the header's start, or all where it is shorter.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static InstalledPackage? Read(Func<int, ReadOnlyMemory<byte>> start)
    {
        var bytes = start(FirstRead).Span;
        if (bytes.Length < LeadBytes)
        {
            throw new InvalidDataException("a package header of rpm that is cut short");
        }

        var entries = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (entries > MostEntries)
        {
            throw new InvalidDataException("a package header of rpm with an impossible number of entries");
        }

        var data = LeadBytes + ((int)entries * EntryBytes);
        bytes = AtLeast(bytes, data, start);
        var places = Places(bytes[LeadBytes..Math.Min(data, bytes.Length)]);
        bytes = AtLeast(bytes, (int)Math.Min(places.Values.Select(offset => data + (long)offset + LongestText).Append(0).Max(), MostRead), start);
        var (name, version, release) = (Text(bytes, data, places, Name), Text(bytes, data, places, Version), Text(bytes, data, places, Release));
        if (name is null or SigningKey)
        {
            return null;
        }

        var epoch = places.TryGetValue(Epoch, out var at) && data + (long)at + sizeof(uint) <= bytes.Length ? $"{BinaryPrimitives.ReadUInt32BigEndian(bytes[(data + (int)at)..])}:" : null;
        return new InstalledPackage(name, version is null ? null : $"{epoch}{version}{(release is null ? null : $"-{release}")}", Text(bytes, data, places, Architecture));
    }

    private static ReadOnlySpan<byte> AtLeast(ReadOnlySpan<byte> bytes, int count, Func<int, ReadOnlyMemory<byte>> start) => count > bytes.Length && bytes.Length >= FirstRead ? start(count).Span : bytes;

    private static Dictionary<int, uint> Places(ReadOnlySpan<byte> index)
    {
        var places = new Dictionary<int, uint>();
        for (; index.Length >= EntryBytes; index = index[EntryBytes..])
        {
            var tag = BinaryPrimitives.ReadInt32BigEndian(index);
            if (tag is Name or Version or Release or Epoch or Architecture)
            {
                places[tag] = BinaryPrimitives.ReadUInt32BigEndian(index[8..]);
            }
        }

        return places;
    }

    private static string? Text(ReadOnlySpan<byte> bytes, int data, Dictionary<int, uint> places, int tag)
    {
        if (!places.TryGetValue(tag, out var offset) || data + (long)offset >= bytes.Length)
        {
            return null;
        }

        var text = bytes[(data + (int)offset)..];
        text = text[..Math.Min(text.Length, LongestText)];
        return text.IndexOf((byte)0) is > 0 and var length ? Encoding.UTF8.GetString(text[..length]) : null;
    }
}
