using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Hyper2Kvm.Daemon.Outcome.Statistics;

/// <summary>Source-generated JSON of the statistics, names in snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DaemonStatistics))]
[JsonSerializable(typeof(double[]))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class StatisticsJson : JsonSerializerContext;
