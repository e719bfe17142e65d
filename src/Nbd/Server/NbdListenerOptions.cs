namespace Hyper2Kvm.Nbd.Server;

/// <summary>How to serve.</summary>
public sealed record NbdListenerOptions
{
    /// <summary>Fewest threads of a connection: while one waits for the client to take its data, the other works.</summary>
    private const int FewestThreads = 2;

    /// <summary>Most: clients that want more open more connections, and each thread has a buffer.</summary>
    private const int MostThreads = 4;

    /// <summary>Requests of one connection that are worked on at a time; by default the cores, 2 to 4.</summary>
    public int ThreadsPerConnection { get; init; } = Math.Clamp(Environment.ProcessorCount, FewestThreads, MostThreads);

    /// <summary>
    /// Bytes of data in one piece of a reply, and of the buffer that each thread has. A piece that stays in the processor's cache
    /// from inflating to sending is worth more than the fewer system calls of a longer one (<c>bench/stream</c>).
    /// </summary>
    public int PieceLength { get; init; } = 256 << 10;

    /// <summary>Told of everything that a person would look for in a log; called by many threads.</summary>
    public Action<string>? Log { get; init; }
}
