using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux;

/// <summary>What one step wants changed, and what it has to say.</summary>
/// <param name="concern">Name of the step in the report.</param>
internal sealed class StepPlan(string concern)
{
    private readonly List<GuestEdit> _edits = [];
    private readonly List<ReportNote> _notes = [];
    private readonly List<ReportNote> _warnings = [];
    private readonly List<ReportNote> _refused = [];

    /// <summary>Name of the step in the report.</summary>
    public string Concern => concern;

    /// <summary>Edits, in the order in which they are to be done.</summary>
    public IReadOnlyList<GuestEdit> Edits => _edits;

    /// <summary>What was decided without changing a file.</summary>
    public IReadOnlyList<ReportNote> Notes => _notes;

    /// <summary>What a person should know.</summary>
    public IReadOnlyList<ReportNote> Warnings => _warnings;

    /// <summary>What was left alone on purpose.</summary>
    public IReadOnlyList<ReportNote> Refused => _refused;

    /// <summary>Adds an edit; nothing where there is none.</summary>
    public void Edit(GuestEdit? edit)
    {
        if (edit is not null)
            _edits.Add(edit);
    }

    /// <summary>Adds a note.</summary>
    public void Note(string message, string? path = null, string? hint = null) => _notes.Add(Make(message, path, hint));

    /// <summary>Adds a warning.</summary>
    public void Warn(string message, string? path = null, string? hint = null) => _warnings.Add(Make(message, path, hint));

    /// <summary>Says what was left alone on purpose.</summary>
    public void Refuse(string message, string? path = null, string? hint = null) => _refused.Add(Make(message, path, hint));

    private ReportNote Make(string message, string? path, string? hint)
        => new() { Concern = concern, Path = path, Message = Shown(message), Hint = hint };

    /// <summary>A guest's lines stand in messages: they must not command the terminal that shows them.</summary>
    /// <param name="message">Text that may hold some of the guest's.</param>
    public static string Shown(string message) => string.Concat(message.Select(letter => letter == '\t' ? ' ' : char.IsControl(letter) ? '?' : letter));
}
