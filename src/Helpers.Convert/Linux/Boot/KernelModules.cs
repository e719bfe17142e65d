namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>The modules of one kernel, from <c>modules.dep</c>, <c>modules.softdep</c> and <c>modules.builtin</c> (depmod(8), modules.dep(5)).</summary>
internal sealed class KernelModules
{
    private readonly Dictionary<string, string> _pathByName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _dependencies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _softDependencies = new(StringComparer.Ordinal);
    private readonly HashSet<string> _builtIn = new(StringComparer.Ordinal);

    private KernelModules()
    {
    }

    /// <summary>Paths of all modules, relative to <c>/lib/modules/VERSION</c>.</summary>
    public IReadOnlyCollection<string> Paths => _dependencies.Keys;

    /// <summary>Reads the indexes of one kernel.</summary>
    /// <param name="dependencies">Text of <c>modules.dep</c>.</param>
    /// <param name="builtIn">Text of <c>modules.builtin</c>, empty where missing.</param>
    /// <param name="softDependencies">Text of <c>modules.softdep</c>, empty where missing.</param>
    public static KernelModules Parse(string dependencies, string builtIn, string softDependencies)
    {
        var modules = new KernelModules();
        foreach (var line in dependencies.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':');
            if (colon <= 0 || !ModuleName.IsModule(line[..colon]))
                continue;
            var path = Relative(line[..colon]);
            modules._dependencies[path] = [.. line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Relative)];
            modules._pathByName.TryAdd(ModuleName.Of(path), path);
        }

        foreach (var line in builtIn.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            modules._builtIn.Add(ModuleName.Of(line));
        modules.ReadSoftDependencies(softDependencies);
        return modules;
    }

    /// <summary>Path of a module, or <see langword="null"/> where the kernel has no such module (it may be built in).</summary>
    /// <param name="name">Module name.</param>
    public string? PathOf(string name) => _pathByName.GetValueOrDefault(name);

    /// <summary>Whether a driver is part of the kernel image.</summary>
    /// <param name="name">Module name.</param>
    public bool IsBuiltIn(string name) => _builtIn.Contains(name);

    /// <summary>Whether the kernel has a driver, as a module or built in.</summary>
    /// <param name="name">Module name.</param>
    public bool Has(string name) => IsBuiltIn(name) || PathOf(name) is not null;

    /// <summary>Paths of the named modules and of all that they need, dependencies first; names that are built in or missing are skipped.</summary>
    /// <param name="names">Module names.</param>
    public IReadOnlyList<string> Closure(IEnumerable<string> names)
    {
        var result = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<(string Path, bool Expanded)>(names.Select(PathOf).OfType<string>().Reverse().Select(path => (path, false)));
        while (pending.TryPop(out var next))
        {
            if (next.Expanded)
            {
                result.Add(next.Path);
            }
            else if (seen.Add(next.Path))
            {
                pending.Push((next.Path, true));
                foreach (var needed in Needed(next.Path))
                    pending.Push((needed, false));
            }
        }

        return result;
    }

    /// <summary>Older depmods (RHEL 5, SLES 11) write absolute paths, <c>/lib/modules/VERSION/kernel/…</c>.</summary>
    private static string Relative(string path)
        => path.Split('/', 5) is ["", "lib", "modules", _, var relative] ? relative : path;

    private IEnumerable<string> Needed(string path)
        => _dependencies.GetValueOrDefault(path, []).Where(_dependencies.ContainsKey)
            .Concat(_softDependencies.GetValueOrDefault(ModuleName.Of(path), []).Select(PathOf).OfType<string>());

    /// <summary>Lines <c>softdep NAME pre: A B post: C</c> (modprobe.d(5)); both kinds are worth having inside.</summary>
    private void ReadSoftDependencies(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 2 && words[0] == "softdep")
                _softDependencies[words[1].Replace('-', '_')] = [.. words.Skip(2).Where(word => !word.EndsWith(':')).Select(word => word.Replace('-', '_'))];
        }
    }
}
