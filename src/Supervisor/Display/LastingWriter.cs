using System.Text;

namespace Hyper2Kvm.Supervisor.Display;

/// <summary>A terminal that may be closed under a run: what can no longer be shown is dropped, and the run goes on to clean up.</summary>
/// <remarks>A pipe whose reader is gone is dropped by the runtime itself; a terminal that is gone gives EIO, which it throws.</remarks>
/// <param name="inner">Where text goes.</param>
internal sealed class LastingWriter(TextWriter inner) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Makes standard output and standard error last.</summary>
    public static void Install()
    {
        Console.SetOut(new LastingWriter(Console.Out));
        Console.SetError(new LastingWriter(Console.Error));
    }

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Try(inner.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            // Nobody sees it.
        }
    }
}
