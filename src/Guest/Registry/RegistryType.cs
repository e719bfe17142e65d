namespace Hyper2Kvm.Guest.Registry;

/// <summary>What a registry value holds (winnt.h, "Registry value types"); the numbers are those of the hive. A hive may hold others.</summary>
public enum RegistryType
{
    /// <summary>REG_NONE: no type.</summary>
    None = 0,

    /// <summary>REG_SZ: a text, UTF-16LE.</summary>
    Text = 1,

    /// <summary>REG_EXPAND_SZ: a text with <c>%VARIABLES%</c>.</summary>
    ExpandText = 2,

    /// <summary>REG_BINARY: bytes.</summary>
    Binary = 3,

    /// <summary>REG_DWORD: 32 bits, little-endian.</summary>
    DWord = 4,

    /// <summary>REG_DWORD_BIG_ENDIAN: 32 bits, big-endian.</summary>
    DWordBigEndian = 5,

    /// <summary>REG_LINK: a text that names another key.</summary>
    Link = 6,

    /// <summary>REG_MULTI_SZ: texts, each ended by a zero, and one more at the end.</summary>
    Texts = 7,

    /// <summary>REG_QWORD: 64 bits, little-endian.</summary>
    QWord = 11,
}
