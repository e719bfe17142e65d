using Hyper2Kvm.Daemon.Watching.Grouping;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>A plain file of the watch folder in one of its states.</summary>
/// <param name="path">Absolute path.</param>
/// <param name="name">Path from the watch folder, or from the guest's folder that it is in.</param>
/// <param name="state">Its state.</param>
internal sealed class SeenFile(string path, string name, FileState state)
{
    private Description? _description;

    /// <summary>Absolute path.</summary>
    public string Path { get; } = path;

    /// <summary>Path from the watch folder, or from the guest's folder that it is in.</summary>
    public string Name { get; } = name;

    /// <summary>Its state.</summary>
    public FileState State { get; } = state;

    /// <summary>What it is by its name.</summary>
    public FileType Type { get; } = FileTypes.Of(name);

    /// <summary>What it says of other files; read once for each state.</summary>
    public Description Description => _description ??= Descriptions.Read(this);
}
