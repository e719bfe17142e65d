namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>A list of modules to load, one a line, with comments (initramfs-tools(7), <c>/etc/initramfs-tools/modules</c>).</summary>
internal static class ModuleList
{
    /// <summary>The list with modules added that it lacks.</summary>
    /// <param name="text">The list.</param>
    /// <param name="modules">Module names.</param>
    /// <param name="comment">Written before the new lines.</param>
    public static string With(string text, IEnumerable<string> modules, string? comment)
    {
        var present = text.Split('\n')
            .Select(line => line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault())
            .OfType<string>()
            .Select(name => name.Replace('-', '_'))
            .ToHashSet(StringComparer.Ordinal);
        var missing = modules.Where(name => !present.Contains(name)).ToList();
        if (missing.Count == 0)
            return text;
        var lines = comment is null ? missing : missing.Prepend(comment);
        return text + (text.Length == 0 || text.EndsWith('\n') ? string.Empty : "\n") + string.Join('\n', lines) + "\n";
    }
}
