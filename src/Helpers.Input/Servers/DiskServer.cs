using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Helpers.Input.Servers;

/// <summary>One server that is to be started.</summary>
/// <param name="Command">Its command line.</param>
/// <param name="SocketPath">The socket that it makes.</param>
/// <param name="Description">What it serves, for messages.</param>
internal sealed record DiskServer(Command Command, string SocketPath, string Description);
