using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>Hashes by the names of LUKS headers.</summary>
internal static class LuksHash
{
    /// <summary>The hash of a name.</summary>
    /// <param name="name">As headers have it: <c>sha256</c>.</param>
    /// <exception cref="VolumeProblem">One that is not supported.</exception>
    public static HashAlgorithmName Of(string name) => name switch
    {
        "sha1" => HashAlgorithmName.SHA1,
        "sha256" => HashAlgorithmName.SHA256,
        "sha384" => HashAlgorithmName.SHA384,
        "sha512" => HashAlgorithmName.SHA512,
        _ => throw new VolumeProblem($"the hash {LuksText.Quote(name)} is not supported (sha1, sha256, sha384 and sha512 are)"),
    };
}
