using System.Runtime.InteropServices;

namespace Hyper2Kvm.Guest.Native;

/// <summary>The errno of the last native call, as text for messages.</summary>
internal static class SystemError
{
    /// <summary>errno of the last native call of this thread.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>What an errno says, as strerror(3) has it.</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
