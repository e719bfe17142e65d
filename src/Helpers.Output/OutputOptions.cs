using System.CommandLine;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Output.Outputs;

namespace Hyper2Kvm.Helpers.Output;

/// <summary>The flags of <c>setup</c>, with virt-v2v's names. They go into <c>job.json</c>, where <c>final</c> and <c>undo</c> find them.</summary>
internal sealed class OutputOptions
{
    /// <summary>Value of an option that is given by its name alone, such as <c>-oo compressed</c>.</summary>
    private const string Set = "true";

    private readonly Option<string?> _storage = new("--storage", "-os") { Description = "Directory of the disks; for output-libvirt a storage pool (default: default).", HelpName = "DIR|POOL" };
    private readonly Option<string?> _format = new("--format", "-of") { Description = "Format of the disks (default: raw).", HelpName = "raw|qcow2" };
    private readonly Option<string?> _allocation = new("--allocation", "-oa") { Description = "Allocation of the disks (default: sparse).", HelpName = "sparse|preallocated" };
    private readonly Option<string?> _connection = new("--connection", "-oc") { Description = "Connection of output-libvirt (default: qemu:///system).", HelpName = "URI" };
    private readonly Option<string?> _name = new("--name", "-on") { Description = "Name of the guest on the target.", HelpName = "NAME" };
    private readonly Option<string[]> _options = new("--option", "-oo") { Description = "Option of one output; may be repeated.", HelpName = "KEY[=VALUE]", Arity = ArgumentArity.OneOrMore };

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _storage, _format, _allocation, _connection, _name, _options })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The job with the flags in it; a flag that was not given leaves what the job says.</summary>
    /// <param name="job">The job.</param>
    /// <param name="type">Name of the output.</param>
    /// <param name="output">The output.</param>
    /// <param name="parsed">The parsed command line.</param>
    public Job MergeInto(Job job, string type, IOutput output, ParseResult parsed)
    {
        var options = new Dictionary<string, string>(job.Output.Options, StringComparer.Ordinal);
        foreach (var option in parsed.GetValue(_options) ?? [])
        {
            var parts = option.Split('=', 2);
            options[parts[0]] = parts.Length == 2 ? parts[1] : Set;
        }

        var storage = parsed.GetValue(_storage) ?? job.Output.Storage;
        return job with
        {
            Name = parsed.GetValue(_name) ?? job.Name,
            Output = job.Output with
            {
                Type = type,
                Storage = storage is not null && output.StorageIsDirectory ? Path.GetFullPath(storage) : storage,
                Format = parsed.GetValue(_format) ?? job.Output.Format,
                Allocation = parsed.GetValue(_allocation) ?? job.Output.Allocation,
                Connection = parsed.GetValue(_connection) ?? job.Output.Connection,
                Options = options,
            },
        };
    }
}
