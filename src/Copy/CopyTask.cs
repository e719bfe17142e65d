namespace Hyper2Kvm.Copy;

/// <summary>One disk to copy.</summary>
/// <param name="Name">What messages call it, for instance <c>vda</c> or <c>in0</c>.</param>
/// <param name="Source">Where it is read from. Never written.</param>
/// <param name="Target">Where it is written to.</param>
internal sealed record CopyTask(string Name, CopyEndpoint Source, CopyEndpoint Target);
