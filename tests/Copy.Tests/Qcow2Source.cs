namespace Hyper2Kvm.Copy.Tests;

/// <summary>Raw disks with all kinds of data: noise, text that compresses, single bytes, zeroes written as data, holes.</summary>
internal static class Qcow2Source
{
    private static readonly byte[] Words = [.. Enumerable.Range(0, 4000).SelectMany(i => System.Text.Encoding.ASCII.GetBytes($"inode {i * 7919 % 1009} block {i % 37}\n"))];

    internal static string Mixed(Workspace work, string name, long size, Random random, int islands, int longest)
    {
        var path = work.EmptyImage(name, size);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        for (var i = 0; i < islands && size > 0; i++)
        {
            var offset = random.NextInt64(size);
            if (random.Next(3) == 0) offset = offset / 4096 * 4096;
            RandomAccess.Write(file, Data(random, (int)Math.Min(random.Next(1, longest), size - offset)), offset);
        }

        return path;
    }

    internal static byte[] Data(Random random, int length)
    {
        var data = new byte[length];
        switch (random.Next(4))
        {
            case 0:
                random.NextBytes(data);
                break;
            case 1:
                for (int at = 0, from = random.Next(Words.Length); at < length; at += Words.Length - from, from = 0) Words.AsSpan(from, Math.Min(Words.Length - from, length - at)).CopyTo(data.AsSpan(at));
                break;
            case 2:
                data[random.Next(length)] = 1;
                break;
            default:
                break; // Zeroes.
        }

        return data;
    }
}
