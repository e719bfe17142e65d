using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Xml.Linq;
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
        var descriptions = new XmlDescriptions(Path.ChangeExtension(type.Type.Assembly.Location, ".xml"));
        var schema = type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
            {
                var text = context.PropertyInfo is { AttributeProvider: System.Reflection.PropertyInfo property }
                    ? descriptions.Of($"P:{property.DeclaringType!.FullName}.{property.Name}")
                    : descriptions.Of($"T:{context.TypeInfo.Type.FullName}");
                if (node is JsonObject known && text is not null)
                {
                    known.Insert(0, "description", text);
                }

                return node;
            },
        }).AsObject();
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

    private sealed class XmlDescriptions(string path)
    {
        private readonly Dictionary<string, string> _summaries = XDocument.Load(path).Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => member.Attribute("name")!.Value, member => Flatten(member.Element("summary")!));

        public string? Of(string member) => _summaries.GetValueOrDefault(member);

        private static string Flatten(XElement element)
            => string.Join(' ', string.Concat(element.Nodes().Select(node => node switch
            {
                XText text => text.Value,
                XElement { Name.LocalName: "see" } see => see.Attribute("cref")?.Value.Split('.')[^1] ?? see.Attribute("langword")?.Value ?? string.Empty,
                XElement other => other.Value,
                _ => string.Empty,
            })).Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
    }
}
