using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary>What one path of the guest is to be.</summary>
/// <param name="Kind">What is there; <see langword="null"/>: nothing.</param>
internal sealed record CustomisedFile(GuestFileKind? Kind)
{
    /// <summary>Content of a regular file; <see langword="null"/> where it stays as it is.</summary>
    public byte[]? Content { get; init; }

    /// <summary>What a link holds.</summary>
    public string? Target { get; init; }

    /// <summary>Permission bits, where they were asked for.</summary>
    public uint? Mode { get; init; }

    /// <summary>Permission bits of what does not exist yet, where none were asked for.</summary>
    public uint ModeIfNew { get; init; } = 0x1A4;

    /// <summary>Owner of what does not exist yet, where that is not root.</summary>
    public FileOwner? Owner { get; init; }

    /// <summary>Whether the report may show its lines.</summary>
    public bool IsText { get; init; } = true;

    /// <summary>Whether what was below it is gone: it was removed, and made anew.</summary>
    public bool IsEmptied { get; init; }

    /// <summary>The option that wants it.</summary>
    public string Reason { get; init; } = string.Empty;
}
