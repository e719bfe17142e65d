namespace Hyper2Kvm.Guest.Registry;

/// <summary>One file of the Windows registry, opened: <c>SOFTWARE</c>, <c>SYSTEM</c>, a BCD store.</summary>
/// <remarks>
/// Keys are named by their path from the root of the hive, <c>Microsoft\Windows NT\CurrentVersion</c>; the empty path is the root. Letters of either case are the same, as Windows has it.
/// There is no <c>CurrentControlSet</c> in a file: <c>Select\Current</c> says which <c>ControlSetNNN</c> it is. One thread at a time.
/// Every call throws <see cref="GuestFileException"/> where the hive turns out to be damaged.
/// </remarks>
public interface IRegistryHive : IDisposable
{
    /// <summary>Whether Windows wrote all of it. Else newer changes may lie in its logs (<c>SYSTEM.LOG1</c>), which are not read; they are lost once this hive is written.</summary>
    bool IsClean { get; }

    /// <summary>Whether a key exists.</summary>
    /// <param name="key">Its path.</param>
    bool HasKey(string key);

    /// <summary>Names of the keys in a key, in the hive's order; empty where the key does not exist.</summary>
    /// <param name="key">Its path.</param>
    IReadOnlyList<string> Keys(string key);

    /// <summary>The values of a key, in the hive's order; empty where the key does not exist.</summary>
    /// <param name="key">Its path.</param>
    IReadOnlyList<RegistryValue> Values(string key);

    /// <summary>One value; <see langword="null"/> where it or its key does not exist.</summary>
    /// <param name="key">Path of its key.</param>
    /// <param name="name">Its name; empty for the default value.</param>
    RegistryValue? Value(string key, string name);

    /// <summary>Makes a key, and those that it lies in; nothing happens where it exists. A new key has the security of the one it lies in.</summary>
    /// <param name="key">Its path.</param>
    void CreateKey(string key);

    /// <summary>Removes a key with all that is in it; nothing happens where it does not exist.</summary>
    /// <param name="key">Its path; not the root's.</param>
    void DeleteKey(string key);

    /// <summary>Sets a value, in place of the one of that name; makes its key where that is missing.</summary>
    /// <param name="key">Path of its key.</param>
    /// <param name="value">The value; at most <see cref="RegistryHive.LargestWritten"/> bytes.</param>
    /// <exception cref="GuestFileException">It is longer, or the key holds one that is and would have to be written with it.</exception>
    void SetValue(string key, RegistryValue value);

    /// <summary>Removes a value; nothing happens where it or its key does not exist.</summary>
    /// <param name="key">Path of its key.</param>
    /// <param name="name">Its name; empty for the default value.</param>
    void DeleteValue(string key, string name);

    /// <summary>Writes all changes so far to the guest's file, which is replaced as a whole. What is not committed is lost when the hive is closed.</summary>
    void Commit();
}
