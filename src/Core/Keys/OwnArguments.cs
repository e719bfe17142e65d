using System.Globalization;
using System.Text;

namespace Hyper2Kvm.Core.Keys;

/// <summary>The arguments of this process as others see them: /proc/PID/cmdline, ps(1).</summary>
internal static unsafe class OwnArguments
{
    /// <summary>Index of <c>arg_start</c> and <c>arg_end</c> among the fields of /proc/self/stat that follow the name (proc(5): fields 48 and 49; the name is the second).</summary>
    private const int StartField = 48 - 3;

    /// <summary>Longest command line (Linux: MAX_ARG_STRLEN of one argument is 128 KiB; all of them are bounded by the stack's quarter).</summary>
    private const int Longest = 8 * 1024 * 1024;

    /// <summary>Overwrites texts in them. What the runtime has copied for the program stays as it is. Does nothing where the kernel does not say where they lie.</summary>
    /// <param name="secrets">The texts.</param>
    public static void Hide(IReadOnlyList<string> secrets)
    {
        if (secrets.Count == 0)
        {
            return;
        }

        // The name is in brackets and may have anything in it.
        var status = File.ReadAllText("/proc/self/stat");
        var fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
        if (fields.Length <= StartField + 1
            || !ulong.TryParse(fields[StartField], CultureInfo.InvariantCulture, out var start)
            || !ulong.TryParse(fields[StartField + 1], CultureInfo.InvariantCulture, out var end)
            || start == 0 || end <= start || end - start > Longest)
        {
            return;
        }

        var memory = new Span<byte>((void*)start, (int)(end - start));
        foreach (var secret in secrets.Where(secret => secret.Length > 0).Select(Encoding.UTF8.GetBytes))
        {
            // Only whole ends of arguments: the text may be part of others by chance.
            byte[] argument = [(byte)':', .. secret, 0];
            for (var rest = memory; rest.IndexOf(argument) is >= 0 and var at; rest = rest[(at + argument.Length)..])
            {
                rest.Slice(at + 1, secret.Length).Fill((byte)'x');
            }
        }
    }
}
