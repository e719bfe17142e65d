namespace Hyper2Kvm.Helpers.Input.Tests.Support;

/// <summary>Grains of a disk by a seed: text, noise, zeros written as data, zeros by entry 1, nothing.</summary>
internal sealed class RandomDisk(int seed, long capacity, int grainSize)
{
    private readonly double _density = new Random(seed).NextDouble();

    public byte[]? Grain(long index)
    {
        var random = new Random(HashCode.Combine(seed, index));
        if (random.NextDouble() > _density)
        {
            return random.Next(4) == 0 ? [] : null;
        }

        // The last grain: whole, or only as far as the disk goes; both are found in the field.
        var left = (capacity - (index * grainSize)) * VmwareStream.Sector;
        var whole = grainSize * VmwareStream.Sector;
        var data = new byte[left < whole && random.Next(2) == 0 ? left : whole];
        switch (random.Next(3))
        {
            case 0:
                random.NextBytes(data);
                break;
            case 1:
                for (var i = 0; i < data.Length; i++)
                {
                    data[i] = (byte)random.Next('a', 'f');
                }

                break;
        }

        return data;
    }
}
