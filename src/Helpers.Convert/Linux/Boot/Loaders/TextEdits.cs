using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>Edits of text files of which several may want the same file, earlier steps too: each works on what the one before it made.</summary>
/// <param name="guest">The guest, with what was planned before.</param>
internal sealed class TextEdits(LinuxGuest guest)
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, (List<string> Reasons, List<Func<string, string>> Rewrites)> _byPath = new(StringComparer.Ordinal);

    /// <summary>Adds a rewriting of a file.</summary>
    /// <param name="path">The file; taken as empty where it is not there.</param>
    /// <param name="reason">Why.</param>
    /// <param name="rewrite">Pure, and at rest after once.</param>
    public void Rewrite(string path, string reason, Func<string, string> rewrite)
    {
        if (!_byPath.TryGetValue(path, out var edits))
        {
            _order.Add(path);
            _byPath.Add(path, edits = ([], []));
        }

        edits.Reasons.Add(reason);
        edits.Rewrites.Add(rewrite);
    }

    /// <summary>Gives the edits to a plan; a reason whose rewriting changed nothing is left out.</summary>
    /// <param name="plan">The plan.</param>
    public void AddTo(StepPlan plan)
    {
        foreach (var path in _order)
        {
            var (reasons, rewrites) = _byPath[path];
            var before = Current(path);
            var text = before;
            var said = new List<string>();
            for (var i = 0; i < rewrites.Count; i++)
            {
                var after = rewrites[i](text);
                if (after != text)
                    said.Add(reasons[i]);
                text = after;
            }

            plan.Edit(GuestText.Rewrite(path, string.Join("; ", said.Distinct()), before, start => rewrites.Aggregate(start, (current, rewrite) => rewrite(current))));
        }
    }

    /// <summary>The text of a file as earlier steps leave it.</summary>
    /// <param name="path">The file; taken as empty where it is not there.</param>
    public string Current(string path)
        => guest.Plans.SelectMany(plan => plan.Edits).OfType<WriteFile>().LastOrDefault(edit => edit.Path == path) is { } edit ? GuestText.Text(edit.Content.Span) : guest.Files.ReadText(path) ?? string.Empty;
}
