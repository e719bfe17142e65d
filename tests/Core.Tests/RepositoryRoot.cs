namespace Hyper2Kvm.Core.Tests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(directory.FullName, "Hyper2Kvm.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException("no Hyper2Kvm.sln above " + AppContext.BaseDirectory);
    }
}
