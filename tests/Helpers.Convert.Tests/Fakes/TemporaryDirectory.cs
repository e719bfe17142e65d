namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>A directory that goes away with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("hyper2kvm-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
