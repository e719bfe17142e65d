using System.Text;

namespace Hyper2Kvm.Guest.Inspection.Packages;

/// <summary>Alpine's /lib/apk/db/installed (apk-package(5)): <c>P:</c> a name, <c>V:</c> a version, an empty line between packages.</summary>
internal static class ApkDatabase
{
    /// <summary>The packages.</summary>
    /// <param name="content">The file.</param>
    public static IEnumerable<InstalledPackage> Parse(byte[] content)
        => Encoding.UTF8.GetString(content).Split("\n\n")
            .Select(block => block.Split('\n'))
            .Where(lines => Of(lines, "P:") is not null)
            .Select(lines => new InstalledPackage(Of(lines, "P:")!, Of(lines, "V:")));

    private static string? Of(string[] lines, string field) => Array.Find(lines, line => line.StartsWith(field, StringComparison.Ordinal))?[field.Length..].Trim();
}
