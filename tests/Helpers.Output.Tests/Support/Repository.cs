namespace Hyper2Kvm.Helpers.Output.Tests.Support;

/// <summary>Files of the repository that the tests use in place.</summary>
internal static class Repository
{
    /// <summary>Its root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A staged program, under the name that tells what it does.</summary>
    public static string Program(string name) => Path.Combine(Root, "artifacts/hyper2kvm/libexec", name);

    private static string FindRoot()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Hyper2Kvm.sln")))
            {
                return directory;
            }
        }

        throw new InvalidOperationException("the tests run outside the repository");
    }
}
