namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>A bootloader of a guest, as its files have it. Reads when it is made; changes are given back as edits of text.</summary>
internal interface IBootloader
{
    /// <summary>Its name in reports and inspections: <c>grub2 grub-legacy systemd-boot extlinux</c>.</summary>
    string Name { get; }

    /// <summary>The file from which it takes its menu or its settings.</summary>
    string ConfigurationPath { get; }

    /// <summary>What its menu starts, in its order.</summary>
    IReadOnlyList<BootEntry> Entries { get; }

    /// <summary>What it starts where nobody chooses; <see langword="null"/> where its files do not tell.</summary>
    BootEntry? Default { get; }

    /// <summary>Files that hold kernel arguments: those that it reads, and those from which the guest makes them anew.</summary>
    IReadOnlyList<ArgumentFile> ArgumentFiles { get; }

    /// <summary>Has it start another entry from now on, and after the guest has made its menu anew.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <param name="edits">Where the edits go.</param>
    void SetDefault(BootEntry entry, TextEdits edits);
}
