using System.Text;

namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>/var/lib/dpkg/status (deb-control(5), dpkg(1) "package states").</summary>
internal static class DpkgStatus
{
    /// <summary>The packages whose state is <c>installed</c>; removed ones of which only configuration is left are none.</summary>
    /// <param name="content">The file.</param>
    public static IEnumerable<InstalledPackage> Parse(byte[] content)
    {
        using var reader = new StreamReader(new MemoryStream(content), Encoding.UTF8);
        string? name = null;
        string? version = null;
        string? architecture = null;
        var installed = false;
        while (true)
        {
            var line = reader.ReadLine();
            if (string.IsNullOrEmpty(line))
            {
                if (name is not null && installed)
                {
                    yield return new InstalledPackage(name, version, architecture);
                }

                (name, version, architecture, installed) = (null, null, null, false);
                if (line is null)
                {
                    yield break;
                }
            }
            else if (Value(line, "Package: ") is { } package)
            {
                name = package;
            }
            else if (Value(line, "Version: ") is { } written)
            {
                version = written;
            }
            else if (Value(line, "Architecture: ") is { } machine)
            {
                architecture = machine;
            }
            else if (Value(line, "Status: ") is { } status)
            {
                installed = status.EndsWith(" installed", StringComparison.Ordinal);
            }
        }
    }

    private static string? Value(string line, string field) => line.StartsWith(field, StringComparison.Ordinal) ? line[field.Length..].Trim() : null;
}
