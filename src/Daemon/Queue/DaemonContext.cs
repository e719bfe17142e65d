using System.Text.Json.Serialization;

namespace Hyper2Kvm.Daemon.Queue;

/// <summary>JSON of what stands in single columns of <c>queue.db</c>.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class DaemonContext : JsonSerializerContext;
