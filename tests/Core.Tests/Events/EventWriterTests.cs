using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;

namespace Hyper2Kvm.Core.Tests.Events;

public sealed class EventWriterTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Every_event_is_one_line_whatever_its_text_holds()
    {
        var path = _directory.File("events");
        using (var events = EventWriter.Open("convert", $"file:{path}"))
        {
            events.Started();
            events.Warning("two\nlines \"quoted\" \u0001", "hint\n");
            events.Error(new StepException(ErrorCodes.ConvertMount, "/dev/sda1 is dirty", disk: 3));
        }

        var read = File.ReadAllLines(path).Select(line => StepEvent.TryParse(line)!).ToList();

        read.Select(what => what.Type).Should().Equal(EventType.Started, EventType.Warning, EventType.Error);
        read[1].Message.Should().Be("two\nlines \"quoted\" \u0001");
        read[2].Should().BeEquivalentTo(new { Code = "convert.mount", Disk = 3, Step = "convert", Hint = ErrorCodes.ConvertMount.Remedy });
        read.Should().OnlyContain(what => what.Ts > DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public void Lines_of_many_threads_never_mix()
    {
        var path = _directory.File("events");
        using (var events = EventWriter.Open("copy", $"file:{path}"))
        {
            Parallel.For(0, 8, disk => Enumerable.Range(0, 200).ToList().ForEach(done => events.Progress(done, 200, "bytes", disk)));
        }

        File.ReadAllLines(path).Should().HaveCount(1600).And.OnlyContain(line => StepEvent.TryParse(line) != null);
    }

    [Fact]
    public void Finished_is_said_once()
    {
        var seen = new List<StepEvent>();
        using var events = EventWriter.Open("input-disk", null);
        events.Observer = seen.Add;

        events.Finished(1);
        events.Finished(2);

        seen.Should().ContainSingle().Which.Done.Should().Be(1);
    }

    [Theory]
    [InlineData("stdout")]
    [InlineData("fd:x")]
    [InlineData("fd:-1")]
    [InlineData("file:")]
    [InlineData("file:/nowhere/at/all")]
    public void A_destination_that_cannot_be_is_a_usage_error(string destination)
    {
        var opening = () => EventWriter.Open("x", destination);

        opening.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.Usage).WithMessage($"*{destination}*");
    }
}
