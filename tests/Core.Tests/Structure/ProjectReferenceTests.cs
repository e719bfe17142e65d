using System.Xml.Linq;

namespace Hyper2Kvm.Core.Tests.Structure;

/// <summary>The order of the design: a project depends only on Core, Nbd, Guest, and never on a program.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly string[] Libraries = ["Core", "Nbd", "Guest"];

    public static TheoryData<string> Projects => new(Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.csproj", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(RepositoryRoot.Path, path)));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_depends_only_on_what_the_design_allows(string project)
    {
        var name = project.Split('/')[1];
        var referenced = XDocument.Load(Path.Combine(RepositoryRoot.Path, project)).Descendants("ProjectReference")
            .Select(reference => reference.Attribute("Include")!.Value.Split('/')[1]);
        var allowed = Array.IndexOf(Libraries, name) switch
        {
            0 or 1 => [],
            2 => Libraries[..2],
            _ => Libraries,
        };

        referenced.Should().BeSubsetOf(allowed);
    }

    [Fact]
    public void The_NBD_client_needs_nothing_but_the_runtime()
        => XDocument.Load(Path.Combine(RepositoryRoot.Path, "src/Nbd/Hyper2Kvm.Nbd.csproj")).Descendants("PackageReference").Should().BeEmpty();
}
