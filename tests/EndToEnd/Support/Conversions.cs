using System.Xml.Linq;

namespace Hyper2Kvm.EndToEnd.Support;

/// <summary>Conversions that have to work.</summary>
internal static class Conversions
{
    /// <summary>Converts into the scratch's target directory.</summary>
    /// <returns>The target's disks in order, and the MAC of its first card.</returns>
    public static (string[] Disks, string Mac) ToLocal(Scratch scratch, string type, string[] sources, params string[] options)
    {
        var result = Product.Run(scratch, ["convert", "-i", type, "-o", "local", "-os", scratch.Target, "-on", "guest", .. options, .. sources]);
        result.ExitCode.Should().Be(0, result.ErrorText + result.OutputText);
        return Target(scratch, "guest");
    }

    /// <summary>What a run put on the target.</summary>
    public static (string[] Disks, string Mac) Target(Scratch scratch, string name)
    {
        var domain = XDocument.Load(Path.Combine(scratch.Target, $"{name}.xml"));
        var mac = domain.Descendants("mac").First().Attribute("address")!.Value;
        return ([.. Directory.EnumerateFiles(scratch.Target, $"{name}-sd?").Order(StringComparer.Ordinal)], mac);
    }
}
