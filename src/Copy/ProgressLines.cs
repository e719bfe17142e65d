using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Copy;

/// <summary>Progress as nbdcopy's <c>--progress=FD</c> writes it: lines <c>N/100</c>, over all disks.</summary>
internal sealed class ProgressLines : ICopyObserver, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CopyTask, (ulong Done, ulong Total)> _disks = [];
    private StreamWriter? _writer;
    private ulong _last = ulong.MaxValue;

    internal ProgressLines(int descriptor)
    {
        if (descriptor < 0) return;
        _writer = new StreamWriter(new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, 1)) { AutoFlush = true };
    }

    public void Started(CopyTask task, ulong size) => Note(task, 0, size);

    public void Progress(CopyTask task, ulong done, ulong total) => Note(task, done, total);

    public void Finished(CopyTask task, CopyResult result) => Note(task, result.Size, result.Size);

    public void Warned(CopyTask task, string message) => Console.Error.WriteLine($"copy: warning: disk {task.Name}: {message}");

    public void ReadBack(CopyTask task, ulong done, ulong total)
    {
        // nbdcopy's form of progress has one hundred hundredths; they are spent.
    }

    public void Verified(CopyTask task, string digest) => Console.Out.WriteLine($"{digest}  {task.Target}");

    public void Dispose() => _writer?.Dispose();

    private void Note(CopyTask task, ulong done, ulong total)
    {
        lock (_lock)
        {
            if (_writer is null) return;
            _disks[task] = (done, total);
            double sum = 0, all = 0;
            foreach (var (d, t) in _disks.Values)
            {
                sum += d;
                all += t;
            }

            var percent = all == 0 ? 100 : (ulong)(100 * sum / all);
            if (percent == _last) return;
            _last = percent;
            try
            {
                _writer?.WriteLine($"{percent}/100");
            }
            catch (IOException)
            {
                _writer = null; // Who listened went away: no reason to end the copy.
            }
        }
    }
}
