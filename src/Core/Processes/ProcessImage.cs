using System.Runtime.InteropServices;
using Hyper2Kvm.Core.Native;

namespace Hyper2Kvm.Core.Processes;

/// <summary>This process as another program.</summary>
public static class ProcessImage
{
    /// <summary>Puts another program in the place of this one: same process, descriptors, environment and parent.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, without its name.</param>
    /// <exception cref="IOException">It cannot be run. There is no other way back from here.</exception>
    public static void Replace(string path, IReadOnlyList<string> arguments)
    {
        NativeMethods.Execute(path, [path, .. arguments]);
        throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }
}
