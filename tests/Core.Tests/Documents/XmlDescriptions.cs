using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Xml.Linq;

namespace Hyper2Kvm.Core.Tests.Documents;

/// <summary>JSON Schemas of an assembly's types, with its documentation comments as descriptions.</summary>
internal sealed class XmlDescriptions(Assembly assembly)
{
    private readonly Dictionary<string, string> _summaries = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
        .Where(member => member.Element("summary") is not null)
        .ToDictionary(member => member.Attribute("name")!.Value, member => Flatten(member.Element("summary")!));

    public JsonObject Schema(JsonTypeInfo type) => type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, node) =>
        {
            var text = context.PropertyInfo is { AttributeProvider: PropertyInfo property }
                ? Of($"P:{property.DeclaringType!.FullName}.{property.Name}")
                : Of($"T:{context.TypeInfo.Type.FullName}");
            if (node is JsonObject known && text is not null)
            {
                known.Insert(0, "description", text);
            }

            return node;
        },
    }).AsObject();

    private string? Of(string member) => _summaries.GetValueOrDefault(member);

    private static string Flatten(XElement element)
        => string.Join(' ', string.Concat(element.Nodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "see" } see => see.Attribute("cref")?.Value.Split('.')[^1] ?? see.Attribute("langword")?.Value ?? string.Empty,
            XElement other => other.Value,
            _ => string.Empty,
        })).Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
}
