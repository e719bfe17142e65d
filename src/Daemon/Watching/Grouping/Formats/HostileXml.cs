using System.Xml;
using System.Xml.Linq;

namespace Hyper2Kvm.Daemon.Watching.Grouping.Formats;

/// <summary>XML that nobody vouches for: no document type, so no entities; nothing is fetched.</summary>
internal static class HostileXml
{
    /// <summary>Deeper than any description is; a document of half a million open tags would cost a stack or minutes elsewhere.</summary>
    private const int Deepest = 64;

    /// <summary>Reads a document.</summary>
    /// <param name="content">Its file.</param>
    /// <exception cref="XmlException">It is no XML, or nested too deep.</exception>
    /// <exception cref="FormatException">It is too long.</exception>
    public static XElement Read(BoundedFile content)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        var bytes = content.ReadText();
        using (var depth = XmlReader.Create(new MemoryStream(bytes), settings))
        {
            while (depth.Read())
            {
                if (depth.Depth > Deepest)
                {
                    throw new XmlException($"it is nested deeper than {Deepest} elements");
                }
            }
        }

        using var reader = XmlReader.Create(new MemoryStream(bytes), settings);
        return XElement.Load(reader);
    }

    /// <summary>All elements of a name below another one, whatever their namespace.</summary>
    /// <param name="element">Where to look.</param>
    /// <param name="name">Local name.</param>
    public static IEnumerable<XElement> All(this XElement element, string name) => element.Descendants().Where(child => child.Name.LocalName == name);

    /// <summary>An attribute, whatever its namespace.</summary>
    /// <param name="element">Whose.</param>
    /// <param name="name">Local name.</param>
    public static string? Value(this XElement element, string name) => element.Attributes().FirstOrDefault(attribute => attribute.Name.LocalName == name)?.Value;
}
