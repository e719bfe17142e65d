using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Core.Servers;

/// <summary>Command lines of nbdkit.</summary>
public static class NbdkitCommand
{
    /// <summary>Threads of one server, as many requests as one connection keeps in flight; virt-v2v measured no gain above 16.</summary>
    private const int Threads = 16;

    /// <summary>An nbdkit in the foreground on a Unix socket.</summary>
    /// <param name="socketPath">Socket that it makes.</param>
    /// <param name="plugin">Plugin name.</param>
    /// <param name="parameters">Parameters of plugin and filters, <c>key=value</c>.</param>
    /// <param name="filters">Filters, the outermost first.</param>
    /// <param name="readOnly">Refuse writes.</param>
    /// <param name="temporaryDirectory">Where the cow filter puts its (deleted) overlay file.</param>
    public static Command Create(
        string socketPath,
        string plugin,
        IEnumerable<string> parameters,
        IEnumerable<string>? filters = null,
        bool readOnly = false,
        string? temporaryDirectory = null)
    {
        var arguments = new List<string> { "--foreground", "--exit-with-parent", "--unix", socketPath, "--threads", $"{Threads}" };
        if (readOnly)
        {
            arguments.Add("--readonly");
        }

        arguments.AddRange((filters ?? []).Select(filter => $"--filter={filter}"));
        arguments.Add(plugin);
        arguments.AddRange(parameters);
        return new Command("nbdkit", arguments)
        {
            Environment = new Dictionary<string, string?> { ["TMPDIR"] = temporaryDirectory ?? Path.GetDirectoryName(socketPath), ["LC_ALL"] = "C" },
        };
    }
}
