using System.Text.Json;
using System.Text.Json.Serialization;
using Hyper2Kvm.Daemon.Control.Answers;

namespace Hyper2Kvm.Daemon.Control;

/// <summary>Source-generated JSON of the control API, the same on the control socket and over HTTP.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(MessageAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(StatsAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(JobsAnswer))]
[JsonSerializable(typeof(JobAnswer))]
[JsonSerializable(typeof(ProgressAnswer))]
[JsonSerializable(typeof(ReloadAnswer))]
[JsonSerializable(typeof(LogsAnswer))]
[JsonSerializable(typeof(NotifyTestAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class ControlContext : JsonSerializerContext
{
    /// <summary>One line of JSON, without a line end.</summary>
    /// <param name="answer">The answer.</param>
    public static byte[] ToUtf8(Answer answer) => JsonSerializer.SerializeToUtf8Bytes(answer, answer.GetType(), Default);
}
