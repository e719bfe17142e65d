using System.Text.Json.Serialization;

namespace Hyper2Kvm.Core.Documents;

/// <summary>Source-generated JSON of all documents: no reflection at start-up.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(SourceMetadata))]
[JsonSerializable(typeof(TargetMetadata))]
[JsonSerializable(typeof(ConversionReport))]
[JsonSerializable(typeof(GuestInspection))]
[JsonSerializable(typeof(GuestVerification))]
public sealed partial class DocumentContext : JsonSerializerContext;
