using System.Text;

namespace Hyper2Kvm.Guest.Sandbox;

/// <summary>What a program of the guest writes: into a file up to a length, and its last lines.</summary>
internal sealed class SandboxLog : IDisposable
{
    /// <summary>A rebuild writes some kilobytes; a hostile one would fill the host's disk.</summary>
    private const long LargestFile = 4 << 20;

    private const int LongestLine = 512;
    private const int MostLines = 12;

    private readonly FileStream? _file;
    private readonly Queue<string> _last = new();
    private readonly StringBuilder _line = new();

    /// <summary>Opens it.</summary>
    /// <param name="path">The file, added to; <see langword="null"/> for none.</param>
    public SandboxLog(string? path) => _file = path is null ? null : new FileStream(path, FileMode.Append);

    /// <summary>The last lines that hold anything, without what commands a terminal.</summary>
    public IReadOnlyList<string> LastLines => [.. _last];

    /// <summary>Writes a line of ours.</summary>
    /// <param name="text">The line.</param>
    public void Say(string text) => _file?.Write(Encoding.UTF8.GetBytes($"# {text}\n"));

    /// <summary>Reads to the end.</summary>
    /// <param name="output">Both outputs of the program.</param>
    public void Read(Stream output)
    {
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = output.Read(buffer)) > 0)
        {
            if (_file is not null && _file.Length < LargestFile)
            {
                _file.Write(buffer, 0, count);
            }

            foreach (var letter in Encoding.Latin1.GetString(buffer, 0, count))
            {
                Take(letter);
            }
        }

        Take('\n');
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private void Take(char letter)
    {
        if (letter != '\n')
        {
            if (_line.Length < LongestLine)
            {
                _line.Append(char.IsControl(letter) ? ' ' : letter);
            }

            return;
        }

        var line = _line.ToString().Trim();
        _line.Clear();
        if (line.Length == 0)
        {
            return;
        }

        _last.Enqueue(line);
        if (_last.Count > MostLines)
        {
            _last.Dequeue();
        }
    }
}
