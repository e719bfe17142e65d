using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Daemon.Control.Http;

/// <summary>The secret that callers over the loopback address bear (RFC 6750, section 2.1). Only its digest is kept.</summary>
internal sealed class BearerToken
{
    /// <summary>Shortest that is accepted, characters; 16 of base64 are 96 bits.</summary>
    public const int ShortestLength = 16;

    private const string Scheme = "Bearer ";
    private const UnixFileMode ReadableByOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly byte[] _digest;

    /// <summary>Keeps a token.</summary>
    /// <param name="token">The token.</param>
    public BearerToken(string token) => _digest = Digest(token);

    /// <summary>Reads the token from where the configuration says.</summary>
    /// <param name="source"><c>file:PATH</c> or <c>env:NAME</c>; white space around the token does not count.</param>
    /// <exception cref="StepException">It is missing, too short, or others can read its file (<see cref="ErrorCodes.Configuration"/>).</exception>
    public static BearerToken Read(string? source)
    {
        var token = source switch
        {
            null => throw new StepException(ErrorCodes.Configuration, "control.http_listen needs control.http_token", "Write a token to a file (openssl rand -base64 32) and name it: http_token: file:PATH."),
            _ when source.StartsWith("file:", StringComparison.Ordinal) => FromFile(source[5..]),
            _ when source.StartsWith("env:", StringComparison.Ordinal) => Environment.GetEnvironmentVariable(source[4..]) ?? string.Empty,
            _ => throw new StepException(ErrorCodes.Configuration, "control.http_token has no known form", "Write file:PATH or env:NAME; the token itself does not belong in the configuration."),
        };
        token = token.Trim();
        return token.Length >= ShortestLength
            ? new BearerToken(token)
            : throw new StepException(ErrorCodes.Configuration, $"control.http_token: {source} has {token.Length} characters, and needs {ShortestLength} or more", "Make one: openssl rand -base64 32.");
    }

    /// <summary>Whether a caller bears it; takes the same time whatever the caller sent.</summary>
    /// <param name="authorization">The header <c>Authorization</c>.</param>
    public bool IsBorneBy(string? authorization)
    {
        var bears = authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true;
        return CryptographicOperations.FixedTimeEquals(_digest, Digest(bears ? authorization![Scheme.Length..].Trim() : string.Empty)) && bears;
    }

    private static string FromFile(string path)
    {
        try
        {
            return (File.GetUnixFileMode(path) & ReadableByOthers) == 0
                ? File.ReadAllText(path)
                : throw new StepException(ErrorCodes.Configuration, $"control.http_token: others may read or write {path}", $"chmod 600 {path}");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new StepException(ErrorCodes.Configuration, $"control.http_token: {path} cannot be read: {unreadable.Message}", inner: unreadable);
        }
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
