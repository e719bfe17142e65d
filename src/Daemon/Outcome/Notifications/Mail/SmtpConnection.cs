using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Hyper2Kvm.Daemon.Outcome.Notifications.Mail;

/// <summary>An answer of a mail server.</summary>
/// <param name="Code">Three digits.</param>
/// <param name="Lines">What follows them, a line each.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines);

/// <summary>Commands and replies of SMTP on a connection that may become encrypted.</summary>
/// <remarks>RFC 5321, sections 4.1 and 4.2.</remarks>
internal sealed class SmtpConnection : IAsyncDisposable
{
    /// <summary>RFC 5321, section 4.5.3.1.5 has 512; some servers write more.</summary>
    private const int LongestLine = 4096;

    private const int MostLines = 100;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[LongestLine];
    private Stream _stream;
    private int _begin;
    private int _end;

    private SmtpConnection(Socket socket) => (_socket, _stream) = (socket, new NetworkStream(socket, ownsSocket: true));

    /// <summary>Whether it is encrypted.</summary>
    public bool IsEncrypted => _stream is SslStream;

    /// <summary>Our address as a greeting names it (RFC 5321, section 4.1.3).</summary>
    public string LocalLiteral
        => ((IPEndPoint)_socket.LocalEndPoint!).Address is var address && address.IsIPv4MappedToIPv6
            ? $"[{address.MapToIPv4()}]"
            : address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{new IPAddress(address.GetAddressBytes())}]" : $"[{address}]";

    /// <summary>Connects.</summary>
    /// <param name="host">Name or address.</param>
    /// <param name="port">Port.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<SmtpConnection> OpenAsync(string host, int port, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancel).ConfigureAwait(false);
            return new SmtpConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Encrypts from here on. What came before the handshake in the clear is refused: somebody on the way may have put it there (CVE-2011-0411).</summary>
    /// <param name="options">How, and whom to trust.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task EncryptAsync(SslClientAuthenticationOptions options, CancellationToken cancel)
    {
        if (_begin != _end)
        {
            throw new NotDelivered($"{options.TargetHost} said more than it was asked before encryption", canPass: false);
        }

        var encrypted = new SslStream(_stream);
        _stream = encrypted;
        await encrypted.AuthenticateAsClientAsync(options, cancel).ConfigureAwait(false);
    }

    /// <summary>Sends a command and reads the answer.</summary>
    /// <param name="command">One line without its end.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<SmtpReply> AskAsync(string command, CancellationToken cancel)
    {
        if (command.AsSpan().ContainsAny('\r', '\n', '\0'))
        {
            throw new NotDelivered("a command of more than one line is not sent", canPass: false);
        }

        await _stream.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), cancel).ConfigureAwait(false);
        return await ReadAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Sends a mail's text with its lone dots doubled, and reads the answer (RFC 5321, section 4.5.2).</summary>
    /// <param name="text">Lines that end in CR LF.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<SmtpReply> SendTextAsync(string text, CancellationToken cancel)
    {
        var stuffed = (text.StartsWith('.') ? "." : string.Empty) + text.Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        await _stream.WriteAsync(Encoding.ASCII.GetBytes($"{stuffed}.\r\n"), cancel).ConfigureAwait(false);
        return await ReadAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Reads one answer: lines <c>250-…</c> and a last one <c>250 …</c>.</summary>
    /// <param name="cancel">Gives up.</param>
    public async Task<SmtpReply> ReadAsync(CancellationToken cancel)
    {
        var lines = new List<string>();
        while (lines.Count < MostLines)
        {
            var line = await ReadLineAsync(cancel).ConfigureAwait(false);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), System.Globalization.NumberStyles.None, null, out var code) || (line.Length > 3 && line[3] is not (' ' or '-')))
            {
                break;
            }

            lines.Add(line.Length > 4 ? line[4..] : string.Empty);
            if (line.Length == 3 || line[3] == ' ')
            {
                return new SmtpReply(code, lines);
            }
        }

        throw new NotDelivered("its answer is no SMTP", canPass: false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _stream.DisposeAsync().ConfigureAwait(false);

    private async Task<string> ReadLineAsync(CancellationToken cancel)
    {
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_begin + searched, _end - _begin - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                var line = Encoding.Latin1.GetString(_buffer, _begin, searched + found).TrimEnd('\r');
                _begin += searched + found + 1;
                return line;
            }

            searched = _end - _begin;
            if (searched == _buffer.Length)
            {
                throw new NotDelivered("its answer is no SMTP", canPass: false);
            }

            Array.Copy(_buffer, _begin, _buffer, 0, searched);
            (_begin, _end) = (0, searched);
            var count = await _stream.ReadAsync(_buffer.AsMemory(_end), cancel).ConfigureAwait(false);
            _end += count > 0 ? count : throw new NotDelivered("it closed the connection", canPass: true);
        }
    }
}
