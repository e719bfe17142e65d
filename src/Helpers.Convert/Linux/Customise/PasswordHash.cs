using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Native;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary>Hashes of passwords as crypt(5) writes them, by the host's libcrypt.</summary>
internal static unsafe partial class PasswordHash
{
    /// <summary>SHA-512 crypt: what every guest since 2008 can check; yescrypt is newer than many.</summary>
    private const string Method = "$6$";

    private const int SaltCharacters = 16;
    private const string SaltAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly Lock OneAtATime = new();

    /// <summary>Hashes a password with a fresh salt.</summary>
    /// <param name="password">Its bytes, none of them 0.</param>
    /// <exception cref="StepException">The host has no libcrypt, or it does not know the method.</exception>
    public static string Of(byte[] password)
        => Crypt(password, Method + RandomNumberGenerator.GetString(SaltAlphabet, SaltCharacters)) is { } hash && hash.StartsWith(Method, StringComparison.Ordinal) ? hash
            : throw new StepException(ErrorCodes.ToolMissing, "--root-password: libcrypt of this host makes no SHA-512 hashes");

    /// <summary>Whether a hash is one that <see cref="Of"/> makes of a password. No other is tried: a guest's hash can ask for hours and gigabytes.</summary>
    /// <param name="password">Its bytes.</param>
    /// <param name="hash">As shadow(5) has it.</param>
    public static bool Matches(byte[] password, string hash)
        => Own().IsMatch(hash) && Crypt(password, hash) is { } again && CryptographicOperations.FixedTimeEquals(Encoding.Latin1.GetBytes(again), Encoding.Latin1.GetBytes(hash));

    private static string? Crypt(byte[] password, string setting)
    {
        byte[] phrase = [.. password, 0];
        byte[] how = [.. Encoding.Latin1.GetBytes(setting), 0];
        try
        {
            fixed (byte* first = phrase, second = how)
            {
                lock (OneAtATime)
                    return Marshal.PtrToStringUTF8((nint)NativeMethods.Crypt(first, second));
            }
        }
        catch (DllNotFoundException missing)
        {
            throw new StepException(ErrorCodes.ToolMissing, "--root-password: libcrypt is not installed on this host", "Install libcrypt1 (Debian) or libxcrypt (Fedora).", missing);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(phrase);
        }
    }

    [GeneratedRegex(@"^\$6\$[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Own();
}
