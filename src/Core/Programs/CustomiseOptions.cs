using System.CommandLine;
using System.CommandLine.Parsing;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Core.Programs;

/// <summary>Options that say what the user wants in the guest, named as virt-customize has them, and done in the order in which they are said.</summary>
public sealed class CustomiseOptions
{
    private const string UserKeys = "id*.pub";

    private static readonly string[] AgentModes = ["install", "enable", "off"];

    /// <summary>Each with what reads its value.</summary>
    private readonly Dictionary<string, (Option<string[]> Option, Func<string, IEnumerable<JobCustomisation>> Read)> _operations = new(StringComparer.Ordinal);

    private readonly Option<string?> _agent = new("--guest-agent") { Description = "QEMU guest agent: install (default: enable it, else install it at the first boot), enable (change no package) or off.", HelpName = "MODE" };
    private readonly Option<string?> _package = new("--agent-package") { Description = "Package of the guest agent, installed at the first boot instead of one from the guest's repositories.", HelpName = "FILE" };
    private readonly Option<bool> _removeTools = new("--remove-tools") { Description = "Remove the tools of the old hypervisor at the first boot (default: they stay installed, out of service)." };

    /// <summary>Makes them.</summary>
    public CustomiseOptions()
    {
        Add("hostname", "NAME", "Host name of the guest.", value => new() { Action = "hostname", Value = value });
        Add("timezone", "ZONE", "Time zone of the guest, for example Europe/Berlin.", value => new() { Action = "timezone", Value = value });
        Add("mkdir", "DIR", "Make a directory, and those above it.", value => new() { Action = "mkdir", Path = value });
        Add("upload", "FILE:DEST", "Put a file of this host into the guest.", value => Pair("upload", value, (file, path) => new() { Action = "upload", File = Path.GetFullPath(file), Path = path }));
        Add("write", "FILE:CONTENT", "Write a file.", value => Pair("write", value, (path, text) => new() { Action = "write", Path = path, Value = text }));
        Add("append-line", "FILE:LINE", "Add a line to a file, unless it is there.", value => Pair("append-line", value, (path, text) => new() { Action = "append-line", Path = path, Value = text }));
        Add("edit", "FILE:EXPR", "Edit a file by a Perl expression, once for each line ($_), as perl -pe does.", value => Pair("edit", value, (path, expression) => new() { Action = "edit", Path = path, Value = expression }));
        Add("delete", "PATH", "Remove a file, or a directory with all that is in it.", value => new() { Action = "delete", Path = value });
        Add("chmod", "MODE:FILE", "Change permissions, octal.", value => Pair("chmod", value, (mode, path) => new() { Action = "chmod", Path = path, Value = mode }));
        Add("ssh-inject", "USER[:file:FILE|:string:KEY]", "Let the owner of a public key in as USER (default: this user's newest ~/.ssh/id*.pub).", SshKey);
        Add("root-password", "file:PATH|locked|disabled", "Password of root, from the first line of a file.", RootPassword);
        Add("firstboot", "FILE", "Run a script once, at the first boot; several in their order.", value => new() { Action = "firstboot", File = Path.GetFullPath(value) });
        Add("firstboot-command", "COMMAND", "Run a shell command once, at the first boot.", value => new() { Action = "firstboot-command", Value = value });
        AddMany("link", "TARGET:LINK[:LINK…]", "Make symbolic links.", Links);
        _agent.AcceptOnlyFromAmong(AgentModes);
    }

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        foreach (var option in _operations.Values.Select(operation => (Option)operation.Option).Append(_agent).Append(_package).Append(_removeTools))
        {
            command.Options.Add(option);
        }
    }

    /// <summary>A job's section with what they say in it; what they do not say stays as it is.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="job">The section.</param>
    /// <exception cref="StepException">A value is not of its option's form (<see cref="ErrorCodes.Usage"/>).</exception>
    public JobConvert ApplyTo(ParseResult parsed, JobConvert job)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        ArgumentNullException.ThrowIfNull(job);
        var said = Operations(parsed);
        return job with
        {
            GuestAgent = parsed.GetValue(_agent) ?? job.GuestAgent,
            AgentPackage = parsed.GetValue(_package) is { } package ? Path.GetFullPath(package) : job.AgentPackage,
            RemoveTools = parsed.GetValue(_removeTools) || job.RemoveTools,
            Customise = said.Count > 0 ? said : job.Customise,
        };
    }

    private List<JobCustomisation> Operations(ParseResult parsed)
    {
        // Values of one option come together; only the tokens tell the order across options.
        var operations = new List<JobCustomisation>();
        for (var at = 0; at + 1 < parsed.Tokens.Count; at++)
        {
            if (parsed.Tokens[at].Type == TokenType.Option && _operations.TryGetValue(parsed.Tokens[at].Value, out var operation))
            {
                operations.AddRange(operation.Read(parsed.Tokens[++at].Value));
            }
        }

        return operations;
    }

    private void Add(string name, string value, string description, Func<string, JobCustomisation> read) => AddMany(name, value, description, text => [read(text)]);

    private void AddMany(string name, string value, string description, Func<string, IEnumerable<JobCustomisation>> read)
        => _operations.Add($"--{name}", (new Option<string[]>($"--{name}") { Description = description, HelpName = value }, read));

    private static JobCustomisation Pair(string option, string value, Func<string, string, JobCustomisation> make)
        => value.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? make(value[..colon], value[(colon + 1)..])
            : throw new StepException(ErrorCodes.Usage, $"--{option} {value} has no colon between its parts");

    private static IEnumerable<JobCustomisation> Links(string value)
        => value.Split(':') is [{ Length: > 0 } target, { Length: > 0 }, ..] parts ? parts.Skip(1).Select(link => new JobCustomisation { Action = "link", Path = link, Value = target })
            : throw new StepException(ErrorCodes.Usage, $"--link {value} is not of the form TARGET:LINK[:LINK…]");

    private static JobCustomisation SshKey(string value) => value.Split(':', 3) switch
    {
        [{ Length: > 0 } user] => new() { Action = "ssh-inject", Path = user, File = NewestKey() },
        [{ Length: > 0 } user, "file", { Length: > 0 } file] => new() { Action = "ssh-inject", Path = user, File = Path.GetFullPath(file) },
        [{ Length: > 0 } user, "string", { Length: > 0 } key] => new() { Action = "ssh-inject", Path = user, Value = key },
        _ => throw new StepException(ErrorCodes.Usage, $"--ssh-inject {value} is not of the form USER, USER:file:FILE or USER:string:KEY"),
    };

    /// <summary>The key that ssh-copy-id(1) would take.</summary>
    private static string NewestKey()
    {
        var directory = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");
        return (Directory.Exists(directory) ? new DirectoryInfo(directory).EnumerateFiles(UserKeys).MaxBy(file => file.LastWriteTimeUtc)?.FullName : null)
            ?? throw new StepException(ErrorCodes.Usage, $"--ssh-inject: there is no public key in {directory}", "Name one: --ssh-inject USER:file:FILE.");
    }

    private static JobCustomisation RootPassword(string value) => value.Split(':', 3) switch
    {
        ["locked"] or ["disabled"] => new() { Action = "root-password", Value = value },
        ["file", { Length: > 0 } file] => new() { Action = "root-password", File = Regular(file) },
        ["locked", "file", { Length: > 0 } file] => new() { Action = "root-password", Value = "locked", File = Regular(file) },
        ["password", ..] or ["locked", "password", ..] => throw new StepException(ErrorCodes.Usage, "--root-password does not take a password itself: lists of processes and the shell's history would show it", "Write it into a file: --root-password file:PATH."),
        _ => throw new StepException(ErrorCodes.Usage, "--root-password takes file:PATH, locked, disabled or locked:file:PATH"),
    };

    /// <summary>Another program reads it, later: what can be read once, or by this process only, is no use.</summary>
    private static string Regular(string file)
    {
        var path = Path.GetFullPath(file);
        return File.Exists(path) && !path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/proc/", StringComparison.Ordinal) ? path
            : throw new StepException(ErrorCodes.Usage, $"--root-password: {file} is no regular file", "A pipe or descriptor cannot be handed on; keep the password in a file that only you may read.");
    }
}
