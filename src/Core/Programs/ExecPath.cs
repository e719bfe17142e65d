using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Core.Programs;

/// <summary>The private directory of helper programs (<c>hyper2kvm --exec-path</c>).</summary>
public static class ExecPath
{
    /// <summary>HYPER2KVM_EXEC_PATH, else where this program itself stands.</summary>
    public static string Directory
        => Environment.GetEnvironmentVariable("HYPER2KVM_EXEC_PATH") is { Length: > 0 } chosen ? chosen : AppContext.BaseDirectory.TrimEnd('/');

    /// <summary>Types of the helpers of one kind, found by their names (<c>input</c> gives <c>disk</c>, <c>vmdk</c> …).</summary>
    /// <param name="kind"><c>input</c> or <c>output</c>.</param>
    public static IReadOnlyList<string> Types(string kind)
        => System.IO.Directory.Exists(Directory)
            ? [.. System.IO.Directory.EnumerateFiles(Directory, $"{kind}-*")
                .Select(path => Path.GetFileName(path)[(kind.Length + 1)..])
                .Where(type => !type.Contains('.'))
                .Order(StringComparer.Ordinal)]
            : [];

    /// <summary>Path of a helper.</summary>
    /// <param name="name">Its name, for example <c>input-vmdk</c>.</param>
    /// <exception cref="StepException">There is none of that name (<see cref="ErrorCodes.Usage"/>): with the names that there are.</exception>
    public static string Helper(string name)
    {
        var path = Path.Combine(Directory, name);
        if (File.Exists(path))
        {
            return path;
        }

        var kind = name.Split('-')[0];
        var known = kind is "input" or "output" ? $" Known: {string.Join(", ", Types(kind))}." : string.Empty;
        throw new StepException(ErrorCodes.Usage, $"there is no helper '{name}' in {Directory}.{known}", "Check -i and -o; hyper2kvm --exec-path shows where helpers are looked for.");
    }
}
