using System.Buffers.Binary;

namespace Hyper2Kvm.Nbd;

/// <summary>
/// A connection to one export of an NBD server, in the transmission phase: proto.md, "Transmission phase".
/// Blocking, for one thread at a time (only <see cref="Shutdown"/> may come from another). Every wait ends within
/// <see cref="NbdConnectionOptions.Timeout"/>, that for a flush within <see cref="NbdConnectionOptions.FlushTimeout"/>. After any exception other than <see cref="NbdServerException"/> the
/// connection is <see cref="IsBroken"/> and serves no more.
/// </summary>
/// <remarks>
/// Two ways to use it, which mix: commands that wait for their answer (<see cref="Read"/>, …), and requests that are
/// submitted many at a time (<see cref="SubmitRead"/>, …) and collected with <see cref="WaitAny"/>.
/// </remarks>
public sealed unsafe partial class NbdConnection : IDisposable
{
    /// <summary>The longest payload that we ask for or send, in bytes: what proto.md lets a client assume.</summary>
    public const uint MaxPayload = 32 << 20;

    private readonly Transport _transport;
    private readonly NbdConnectionOptions _options;
    private readonly ReplyReader _replies;
    private readonly Queue<PendingRequest> _completed = new();
    private ulong _nextCookie;
    private bool _disposed;

    private NbdConnection(Transport transport, NbdConnectionOptions options, NbdExport export)
    {
        _transport = transport;
        _options = options;
        _replies = new ReplyReader(transport, export);
        Export = export;

        // Cookies of different connections differ, so that an answer gone astray is seen.
        _nextCookie = (ulong)Random.Shared.NextInt64() << 20;
    }

    /// <summary>What the handshake told.</summary>
    public NbdExport Export { get; }

    /// <summary>The size of the export in bytes.</summary>
    public ulong Size => Export.Size;

    /// <summary>Where the server listens.</summary>
    public NbdEndpoint Endpoint => _transport.Endpoint;

    /// <summary>
    /// The process that listens behind a Unix socket (SO_PEERCRED of unix(7)), or 0. Tells whether a server that is
    /// reached again is the same one, with the same overlay, or a new one.
    /// </summary>
    public int ServerProcess => _transport.ServerProcess;

    /// <summary>A wait or the protocol failed: what is in flight is lost, nothing more can be sent.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Requests sent and not yet handed out by <see cref="WaitAny"/>.</summary>
    public int InFlight => _replies.Count + _completed.Count;

    /// <summary>The longest read or write in one request, in bytes.</summary>
    public uint MaxRequest => Math.Min(MaxPayload, Export.BlockSize.Maximum) / Export.BlockSize.Minimum * Export.BlockSize.Minimum;

    /// <summary>Connects and negotiates.</summary>
    /// <param name="endpoint">The server and the export.</param>
    /// <param name="options">Deadline, metadata contexts; null for the defaults.</param>
    /// <exception cref="NbdConnectionException">No server there, or it closed the connection.</exception>
    /// <exception cref="NbdServerException">The server refused the export.</exception>
    /// <exception cref="NbdProtocolException">The server broke the protocol.</exception>
    /// <exception cref="NbdTimeoutException">The server was silent.</exception>
    public static NbdConnection Connect(NbdEndpoint endpoint, NbdConnectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        options ??= new NbdConnectionOptions();
        var transport = new Transport(endpoint, options);
        try
        {
            return new NbdConnection(transport, options, new Handshake(transport).Go(endpoint.ExportName, options));
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    /// <summary>The exports of a server: NBD_OPT_LIST.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="options">Deadline; null for the defaults.</param>
    /// <exception cref="NbdException">As for <see cref="Connect"/>.</exception>
    public static IReadOnlyList<NbdExportName> ListExports(NbdEndpoint endpoint, NbdConnectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        using var transport = new Transport(endpoint, options ?? new NbdConnectionOptions());
        return new Handshake(transport).List();
    }

    /// <summary>
    /// Ends the socket from any thread: a thread that waits in another member gets an
    /// <see cref="NbdConnectionException"/> at once. Used to cancel.
    /// </summary>
    public void Shutdown() => _transport.Shutdown();

    /// <summary>Says NBD_CMD_DISC if the connection is sound, and closes. Does not wait for answers.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (!IsBroken)
        {
            try
            {
                Send(NbdCommand.Disconnect, NbdCommandFlags.None, _nextCookie, 0, 0, null);
            }
            catch (NbdException)
            {
                // The server is gone already; there is nobody to say farewell to.
            }
        }

        _transport.Dispose();
    }

    private PendingRequest Submit(PendingRequest request, byte* payload = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (IsBroken) throw new NbdConnectionException($"{Endpoint}: the connection broke before.");
        try
        {
            _replies.Expect(request);
            Send(request.Command, request.Flags, request.Cookie, request.Offset, request.Length, payload);
            return request;
        }
        catch (NbdException)
        {
            IsBroken = true;
            throw;
        }
    }

    /// <summary>proto.md, "Request message".</summary>
    private void Send(NbdCommand command, NbdCommandFlags flags, ulong cookie, ulong offset, uint length, byte* payload)
    {
        Span<byte> head = stackalloc byte[Wire.RequestLength];
        BinaryPrimitives.WriteUInt32BigEndian(head, Wire.RequestMagic);
        BinaryPrimitives.WriteUInt16BigEndian(head[4..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(head[6..], (ushort)command);
        BinaryPrimitives.WriteUInt64BigEndian(head[8..], cookie);
        BinaryPrimitives.WriteUInt64BigEndian(head[16..], offset);
        BinaryPrimitives.WriteUInt32BigEndian(head[24..], length);
        fixed (byte* h = head) _transport.Send(h, head.Length, payload, payload is null ? 0 : (int)length);
    }

    /// <summary>Reads replies until a request is complete.</summary>
    private PendingRequest ReceiveNext()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (IsBroken) throw new NbdConnectionException($"{Endpoint}: the connection broke before.");
        try
        {
            while (true)
            {
                if (_replies.Receive() is { } request) return request;
            }
        }
        catch (NbdException)
        {
            IsBroken = true;
            throw;
        }
    }

    private PendingRequest Request(NbdCommand command, ulong offset, uint length, NbdCommandFlags flags = NbdCommandFlags.None)
    {
        if (command != NbdCommand.Flush)
        {
            if (length == 0 || offset > Size || length > Size - offset)
            {
                throw new ArgumentOutOfRangeException(nameof(offset), $"{Endpoint}: {length} bytes at offset {offset} of an export of {Size} bytes.");
            }
        }

        return new PendingRequest { Cookie = _nextCookie++, Command = command, Flags = flags, Offset = offset, Length = length };
    }

    private NbdServerException? ErrorOf(PendingRequest request)
    {
        if (request.Errno == 0) return null;
        var where = request.Command == NbdCommand.Flush ? "" : $" of {request.Length} bytes at offset {request.Offset}";
        var text = request.ErrorText is null ? "" : $" ({request.ErrorText})";
        return new NbdServerException($"{Endpoint}: {request.Command}{where}: {NbdErrno.Name(request.Errno)}{text}", request.Errno);
    }
}
