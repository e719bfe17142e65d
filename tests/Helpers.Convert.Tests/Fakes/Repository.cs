namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>Where the tests come from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Hyper2Kvm.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("no Hyper2Kvm.sln above " + AppContext.BaseDirectory);
        return directory.FullName;
    }
}
