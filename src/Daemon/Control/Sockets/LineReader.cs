using System.Buffers;
using System.Net.Sockets;

namespace Hyper2Kvm.Daemon.Control.Sockets;

/// <summary>Lines of a client, of a bounded length, each in a bounded time.</summary>
/// <param name="socket">The client.</param>
/// <param name="limits">The bounds.</param>
internal sealed class LineReader(Socket socket, ControlLimits limits) : IDisposable
{
    private const int UsualBytes = 4096;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(UsualBytes);
    private int _start;
    private int _searched;
    private int _end;

    /// <summary>The next line without its end, valid until the next call; <see langword="null"/> where the client has closed, or was silent for too long.</summary>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="ControlException">The line is too long, or does not come to its end in time.</exception>
    /// <exception cref="SocketException">The client is gone.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken stop)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(limits.RequestTime);
        while (true)
        {
            var feed = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                return Take(_searched + feed, _searched + feed + 1);
            }

            _searched = _end;
            if (_end - _start > limits.RequestBytes)
            {
                throw new ControlException(ControlError.TooLong, $"the request is longer than {limits.RequestBytes} bytes");
            }

            MakeRoom();
            var began = _end > _start;
            int got;
            try
            {
                got = await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, deadline.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                if (!began)
                {
                    return null;
                }

                throw new ControlException(ControlError.TooSlow);
            }

            if (got == 0)
            {
                if (!began)
                {
                    return null;
                }

                // The last line may lack its end.
                return Take(_end, _end);
            }

            if (!began)
            {
                deadline.CancelAfter(limits.RequestTime);
            }

            _end += got;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private ReadOnlyMemory<byte> Take(int end, int next)
    {
        var line = _buffer.AsMemory(_start, end - _start);
        (_start, _searched) = (next, next);
        return line;
    }

    /// <summary>Space for at least one more byte; a buffer that was large for one request does not stay so.</summary>
    private void MakeRoom()
    {
        var held = _end - _start;
        var wanted = held == 0 ? UsualBytes : held < _buffer.Length ? _buffer.Length : _buffer.Length * 2;
        if (wanted != _buffer.Length && (held > 0 || _buffer.Length > 4 * UsualBytes))
        {
            var other = ArrayPool<byte>.Shared.Rent(wanted);
            _buffer.AsSpan(_start, held).CopyTo(other);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = other;
        }
        else if (_start > 0)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
        }

        (_start, _searched, _end) = (0, held, held);
    }
}
