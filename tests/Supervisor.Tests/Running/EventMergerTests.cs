using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Supervisor.Display;
using Hyper2Kvm.Supervisor.Running;

namespace Hyper2Kvm.Supervisor.Tests.Running;

public sealed class EventMergerTests
{
    [Fact]
    public void A_full_disk_or_a_display_that_is_gone_costs_the_line_and_not_the_run()
    {
        using var own = EventWriter.Open("supervisor", "file:/dev/full");
        using var display = new GoneDisplay();
        using var merger = new EventMerger("/dev/full", own, display);

        var adding = () => merger.Add(new StepEvent { Step = "copy", Type = EventType.Finished });

        adding.Should().NotThrow();
        display.Shown.Should().Be(1, "one stream that fails keeps nothing from the others");
    }

    [Fact]
    public void A_terminal_that_was_closed_drops_what_is_written()
    {
        using var full = new StreamWriter(new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)) { AutoFlush = true };
        var direct = () => full.WriteLine("lost");
        var lasting = () => new LastingWriter(full).WriteLine("lost");

        direct.Should().Throw<IOException>();
        lasting.Should().NotThrow();
    }

    private sealed class GoneDisplay : IDisplay
    {
        public int Shown { get; private set; }

        public void Show(StepEvent what)
        {
            Shown++;
            throw new IOException("Input/output error");
        }

        public void Done(string message)
        {
        }

        public void Failed(StepException failure, string? logs)
        {
        }

        public void Dispose()
        {
        }
    }
}
