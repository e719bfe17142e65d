using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>One end of a copy: an NBD server, or the path of a raw file or block device.</summary>
internal sealed record CopyEndpoint
{
    private CopyEndpoint(NbdEndpoint? nbd, string? path)
    {
        Nbd = nbd;
        Path = path;
    }

    internal NbdEndpoint? Nbd { get; }

    internal string? Path { get; }

    /// <summary>A target that keeps nothing: the source is only read.</summary>
    internal static CopyEndpoint Nothing { get; } = new(null, null);

    internal static CopyEndpoint Server(NbdEndpoint endpoint) => new(endpoint, null);

    internal static CopyEndpoint File(string path) => new(null, path);

    /// <summary>A URI of NBD, the path of a Unix socket that exists, or the path of a file or device.</summary>
    internal static CopyEndpoint Parse(string text) =>
        NbdEndpoint.IsUri(text) || NativeMethods.FileType(text) == NativeMethods.TypeSocket ? Server(NbdEndpoint.Parse(text)) : File(text);

    public override string ToString() => Nbd?.ToString() ?? Path ?? "nothing";
}
