using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Events;

namespace Hyper2Kvm.Core.Tests.Documents;

/// <summary>Holds the published schemas to the code. With UPDATE_DOCS=1 it writes them.</summary>
public sealed class SchemaTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Names => ["job.json", "metadata.in.json", "metadata.out.json", "report.json", "inspection.json", "verification.json", "event.json"];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_published_schema_is_the_one_of_the_code(string name)
    {
        var type = TypeOf(name);
        var schema = new XmlDescriptions(type.Type.Assembly).Schema(type);
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", name);
        var text = schema.ToJsonString(Indented) + "\n";
        var path = Path.Combine(RepositoryRoot.Path, "docs", "schema", name);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(path, text);
        }

        File.ReadAllText(path).Should().Be(text, "docs/schema is made from the code: UPDATE_DOCS=1 scripts/test Core.Tests");
    }

    private static JsonTypeInfo TypeOf(string name) => name switch
    {
        "job.json" => DocumentContext.Default.Job,
        "metadata.in.json" => DocumentContext.Default.SourceMetadata,
        "metadata.out.json" => DocumentContext.Default.TargetMetadata,
        "report.json" => DocumentContext.Default.ConversionReport,
        "inspection.json" => DocumentContext.Default.GuestInspection,
        "verification.json" => DocumentContext.Default.GuestVerification,
        _ => EventContext.Default.StepEvent,
    };
}
