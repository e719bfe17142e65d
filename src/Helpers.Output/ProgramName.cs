using System.Text;

namespace Hyper2Kvm.Helpers.Output;

/// <summary>The name that the program was called by, which tells the output.</summary>
/// <remarks>The .NET host follows links: <see cref="Environment.ProcessPath"/> is <c>…/output</c> whatever link was called. The kernel knows better (proc(5)).</remarks>
internal static class ProgramName
{
    /// <summary>argv[0], as the caller gave it.</summary>
    public static string Called
    {
        get
        {
            var bytes = File.ReadAllBytes("/proc/self/cmdline");
            var end = Array.IndexOf(bytes, (byte)0);
            return Encoding.UTF8.GetString(bytes, 0, end < 0 ? bytes.Length : end);
        }
    }

    /// <summary>Path of the program under that name, to start it again: the link stands beside the program.</summary>
    public static string Path => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Environment.ProcessPath)!, System.IO.Path.GetFileName(Called));
}
