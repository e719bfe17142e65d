namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>A directory for one test, on the disk (not a tmpfs: its images are sparse and loop devices stand on them).</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateDirectory($"/var/tmp/hyper2kvm-guest-tests-{Guid.NewGuid():N}").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
