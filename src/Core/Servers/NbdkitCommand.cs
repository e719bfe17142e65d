using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Core.Servers;

/// <summary>Command lines of nbdkit.</summary>
public static class NbdkitCommand
{
    /// <summary>
    /// Threads of one connection: one, which serves the connection by itself. A pool of threads for each connection costs
    /// nbdkit two thirds more CPU for the same reads, and nbdkit 1.32.5 aborts, and the overlay with it, when a client is
    /// killed while several threads answer it (raw_send_socket: Assertion `sock >= 0'). What is to be done at once comes
    /// over several connections.
    /// </summary>
    private const int Threads = 1;

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
