using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Guest.Registry;

/// <summary>A hive in a guest's file, by Debian's hivex.</summary>
/// <remarks>
/// hivex is C and reads bytes of the guest in this process. So it never sees the guest's file, which could change below it, but a copy in memory of a bounded size; it
/// checks every block of it when it opens it, and bounds what one key may hold. See docs/dependencies.md.
/// </remarks>
public sealed class RegistryHive : IRegistryHive
{
    /// <summary>Largest hive that is opened, bytes. Windows' own are below 200 MiB; while one is open for writing, it is in memory twice.</summary>
    public const long LargestHive = 512L * 1024 * 1024;

    /// <summary>Largest value that is written, bytes. Windows keeps longer ones in several pieces (CM_KEY_VALUE_BIG; regf format 1.4, "big data"); hivex reads those, but writes one piece, which Windows does not read.</summary>
    public const int LargestWritten = 16344;

    private const int SequenceOffset = 4; // regf: the primary sequence number, then the secondary one

    private readonly IGuestFiles _files;
    private readonly string _path;
    private readonly bool _writable;
    private readonly HivexHandle _hive;

    private RegistryHive(IGuestFiles files, string path, bool writable, HivexHandle hive, bool isClean)
    {
        _files = files;
        _path = path;
        _writable = writable;
        _hive = hive;
        IsClean = isClean;
    }

    /// <inheritdoc/>
    public bool IsClean { get; }

    /// <summary>Opens a hive.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="path">Its path there, as the guest spells it.</param>
    /// <param name="writable">Whether it is to be changed.</param>
    /// <exception cref="GuestFileException">It is missing, no regular file, larger than <see cref="LargestHive"/>, no hive, or damaged.</exception>
    /// <exception cref="StepException">hivex is not installed (<see cref="ErrorCodes.ToolMissing"/>).</exception>
    public static RegistryHive Open(IGuestFiles files, string path, bool writable = false)
    {
        ArgumentNullException.ThrowIfNull(files);
        return Read(path, () =>
        {
            using var copy = new MemoryFile();
            using (var source = files.OpenRead(path))
            {
                if (!copy.Fill(source, LargestHive))
                {
                    throw new GuestFileException(path, $"is larger than {LargestHive >> 20} MiB, which no hive is");
                }
            }

            var hive = HivexHandle.Open(copy.Path, writable);
            var sequence = copy.Start(SequenceOffset + 8).AsSpan(SequenceOffset);
            return new RegistryHive(files, path, writable, hive, sequence[..4].SequenceEqual(sequence[4..]));
        });
    }

    /// <inheritdoc/>
    public bool HasKey(string key) => Read(() => Find(key) != 0);

    /// <inheritdoc/>
    public IReadOnlyList<string> Keys(string key)
        => Read<IReadOnlyList<string>>(() => Find(key) is > 0 and var node ? [.. _hive.Children(node).Select(_hive.NameOf)] : []);

    /// <inheritdoc/>
    public IReadOnlyList<RegistryValue> Values(string key)
        => Read<IReadOnlyList<RegistryValue>>(() => Find(key) is > 0 and var node ? [.. _hive.Values(node).Select(_hive.Read)] : []);

    /// <inheritdoc/>
    public RegistryValue? Value(string key, string name)
        => Read(() => Find(key) is > 0 and var node && _hive.Value(node, name) is > 0 and var value ? _hive.Read(value) : null);

    /// <inheritdoc/>
    public void CreateKey(string key) => Change(() => _ = Make(key));

    /// <inheritdoc/>
    public void DeleteKey(string key) => Change(() =>
    {
        if (Parts(key).Length == 0)
        {
            throw new ArgumentException("the root of a hive cannot be removed", nameof(key));
        }

        if (Find(key) is > 0 and var node)
        {
            _hive.Delete(node);
        }
    });

    /// <inheritdoc/>
    public void SetValue(string key, RegistryValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Change(() => Replace(Make(key), key, value.Name, value));
    }

    /// <inheritdoc/>
    public void DeleteValue(string key, string name) => Change(() =>
    {
        if (Find(key) is > 0 and var node && _hive.Value(node, name) != 0)
        {
            Replace(node, key, name, null);
        }
    });

    /// <inheritdoc/>
    public void Commit() => Change(() =>
    {
        using var written = new MemoryFile();
        _hive.Commit(written.Path);

        // What Windows will not read must not get into the guest.
        HivexHandle.Open(written.Path, writable: false).Dispose();
        _files.Write(_path, written.ReadAll());
    });

    /// <inheritdoc/>
    public void Dispose() => _hive.Dispose();

    private static string[] Parts(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Split('\\', StringSplitOptions.RemoveEmptyEntries);
    }

    private nuint Find(string key)
    {
        var node = _hive.Root;
        foreach (var part in Parts(key))
        {
            node = node == 0 ? 0 : _hive.Child(node, part);
        }

        return node;
    }

    private nuint Make(string key)
    {
        var node = _hive.Root;
        foreach (var part in Parts(key))
        {
            node = _hive.Child(node, part) is > 0 and var child ? child : _hive.AddChild(node, part);
        }

        return node;
    }

    /// <summary>hivex writes all values of a key or none.</summary>
    private void Replace(nuint node, string key, string name, RegistryValue? value)
    {
        var values = _hive.Values(node).Select(_hive.Read).ToList();
        var place = values.FindIndex(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase));
        if (place >= 0)
        {
            values.RemoveAt(place);
        }

        if (value is not null)
        {
            values.Insert(place >= 0 ? place : values.Count, value);
        }

        if (values.Find(one => one.Data.Length > LargestWritten) is { } large)
        {
            throw new GuestFileException(_path, $"the value {key}\\{large.Name} has {large.Data.Length} bytes; with more than {LargestWritten} in a value a key cannot be written");
        }

        _hive.SetValues(node, values);
    }

    private void Change(Action change)
    {
        if (!_writable)
        {
            throw new InvalidOperationException($"{_path} was opened for reading");
        }

        Read(() =>
        {
            change();
            return true;
        });
    }

    private T Read<T>(Func<T> read) => Read(_path, read);

    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (HivexFailure failure)
        {
            throw new GuestFileException(path, $"is no registry hive, or damaged ({failure.Message})", failure);
        }
        catch (IOException failure) when (failure is not GuestFileException)
        {
            throw new GuestFileException(path, $"cannot be read: {failure.Message}", failure);
        }
    }
}
