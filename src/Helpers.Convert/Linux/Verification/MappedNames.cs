using Hyper2Kvm.Helpers.Convert.Linux.Devices;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>The names below <c>/dev/mapper</c> that the guest itself makes at its boot: by crypttab(5), and by arguments of dracut and Arch's encrypt hook.</summary>
internal static class MappedNames
{
    /// <summary>The paths.</summary>
    /// <param name="crypttab">Text of crypttab; empty where there is none.</param>
    /// <param name="arguments">Arguments of the kernel.</param>
    public static IReadOnlySet<string> Of(string crypttab, string arguments)
        => crypttab.Split('\n').Select(text => new TableLine(text)).Where(line => line.Count > 1).Select(line => line[0])
            .Concat(Named(arguments))
            .Select(name => $"/dev/mapper/{name}")
            .ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Named(string arguments)
        => arguments.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).SelectMany(word => word.Split('=', 2) switch
        {
            ["cryptdevice", var value] when value.Split(':') is [_, var name, ..] => new[] { name },
            ["rd.luks.name", var value] when value.Split('=', 2) is [_, var name] => [name],
            _ => [],
        });
}
