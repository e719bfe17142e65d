namespace Hyper2Kvm.Copy;

/// <summary>One disk to copy.</summary>
/// <param name="Name">What messages call it, for instance <c>vda</c> or <c>in0</c>.</param>
/// <param name="Source">Where it is read from. Never written.</param>
/// <param name="Target">Where it is written to.</param>
internal sealed record CopyTask(string Name, CopyEndpoint Source, CopyEndpoint Target)
{
    /// <summary>File in which it is kept what is on the target for good, so that <see cref="CopySettings.Resume"/> can go on; null for none.</summary>
    internal string? Journal { get; init; }

    /// <summary>Changes whenever the content of the source was changed by somebody who is not its server: a copy goes on with the same only.</summary>
    internal string? SourceVersion { get; init; }

    /// <summary>Copy so many bytes from the front, and no more; null for all of the source.</summary>
    internal ulong? Length { get; init; }
}
