using System.CommandLine;
using System.CommandLine.Parsing;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary>Options that say where a guest comes from, named as virt-v2v's users know them.</summary>
internal sealed class InputOptions
{
    private readonly Option<string?> _type = new("-i", "--input") { Description = "Input type: disk, vmdk, vhd, vhdx, vdi (default: by the first file's name).", HelpName = "TYPE" };
    private readonly Option<string?> _format = new("-if", "--input-format") { Description = "Disk format, where it is not to be detected.", HelpName = "FORMAT" };
    private readonly Option<string[]> _options = new("-io", "--input-option") { Description = "Option of the input type.", HelpName = "KEY=VALUE" };
    private readonly Argument<string[]> _sources = new("source") { Description = "The guest's disks, the one that it boots from first.", Arity = ArgumentArity.OneOrMore };

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isRequired">Whether the parser asks for a source.</param>
    public void AddTo(Command command, bool isRequired = true)
    {
        _sources.Arity = isRequired ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore;

        // A mistyped option is not a disk; a disk of such a name is given as ./-name.
        _sources.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith('-')) is { } wrong)
            {
                result.AddError($"unknown option {wrong.Value}");
            }
        });
        foreach (var option in new Option[] { _type, _format, _options })
        {
            command.Options.Add(option);
        }

        command.Arguments.Add(_sources);
    }

    /// <summary>Whether a source is named.</summary>
    /// <param name="result">The command as it was parsed.</param>
    public bool IsGiven(CommandResult result) => result.GetResult(_sources)?.Tokens.Count > 0;

    /// <summary>What they say.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <exception cref="StepException">An option has no value (<see cref="ErrorCodes.Usage"/>).</exception>
    public JobInput Read(ParseResult parsed)
    {
        var sources = parsed.GetValue(_sources) ?? [];
        return new JobInput
        {
            Type = parsed.GetValue(_type) ?? TypeByName(sources[0]),
            Sources = [.. sources.Select(Path.GetFullPath)],
            Format = parsed.GetValue(_format),
            Options = KeyValues.Read("-io", parsed.GetValue(_options)),
        };
    }

    private static string TypeByName(string source) => Path.GetExtension(source).ToLowerInvariant() switch
    {
        ".vmdk" => "vmdk",
        ".vhd" or ".vpc" => "vhd",
        ".vhdx" => "vhdx",
        ".vdi" => "vdi",
        _ => "disk",
    };
}
