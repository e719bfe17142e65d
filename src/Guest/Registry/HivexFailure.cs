using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Registry;

/// <summary>hivex(3) declined; <see cref="RegistryHive"/> says of which file.</summary>
/// <param name="message">Its errno as text: all that it tells.</param>
internal sealed class HivexFailure(string message) : Exception(message)
{
    /// <summary>The failure of the last call.</summary>
    public static HivexFailure Last() => new(SystemError.Text(SystemError.Last));
}
