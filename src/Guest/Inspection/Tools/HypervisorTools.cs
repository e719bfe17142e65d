namespace Hyper2Kvm.Guest.Inspection.Tools;

/// <summary>Finds the tools that hypervisors have in a guest, by the files that they are known by.</summary>
public static class HypervisorTools
{
    /// <summary>KVM's own: it stays, and an inspection tells it with the others.</summary>
    private static readonly ToolProduct Agent = new("qemu-guest-agent", "/usr/sbin/qemu-ga", "/usr/bin/qemu-ga");

    /// <summary>The names of those that are installed.</summary>
    /// <param name="files">The system, its <c>/usr</c> in its place.</param>
    public static IReadOnlyList<string> Find(IGuestFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return [.. KnownTools.All.SelectMany(tool => tool.Products).Append(Agent).Where(product => product.Files.Any(path => IsThere(files, path))).Select(product => product.Name)];
    }

    /// <summary>The files that a path of the table stands for.</summary>
    /// <param name="files">The system.</param>
    /// <param name="path">A path with at most one <c>*</c>, at the end of a directory's name: VirtualBox's own installer puts its version there.</param>
    /// <exception cref="GuestFileException">Something on the way is not what it should be.</exception>
    public static IEnumerable<string> Matching(IGuestFiles files, string path)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(path);
        var star = path.IndexOf("*/", StringComparison.Ordinal);
        if (star < 0)
        {
            return files.Status(path)?.Kind == GuestFileKind.File ? [path] : [];
        }

        var top = path[..path.LastIndexOf('/', star)];
        return files.List(top).Where(name => name.StartsWith(path[(top.Length + 1)..star], StringComparison.Ordinal))
            .Select(name => $"{top}/{name}{path[(star + 1)..]}")
            .Where(file => files.Status(file)?.Kind == GuestFileKind.File);
    }

    private static bool IsThere(IGuestFiles files, string path)
    {
        try
        {
            return Matching(files, path).Any();
        }
        catch (GuestFileException)
        {
            return false;
        }
    }
}
