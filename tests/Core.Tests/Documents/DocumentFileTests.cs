using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Work;

namespace Hyper2Kvm.Core.Tests.Documents;

public sealed class DocumentFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_document_is_read_as_it_was_written()
    {
        var written = new SourceMetadata
        {
            Schema = SourceMetadata.SchemaName,
            Name = "gäst \"1\"",
            Uuid = Guid.NewGuid(),
            Firmware = Firmware.Uefi,
            Disks = [new DiskMetadata { Format = "vmdk", Path = "/a b/x.vmdk", VirtualBytes = 1L << 41, Bus = DiskBus.Scsi }],
            Nics = [new NicMetadata { Mac = "00:50:56:00:00:01" }],
        };
        var work = WorkDirectory.Use(_directory.File("work"));

        work.Save(written);

        work.LoadSource().Should().BeEquivalentTo(written);
    }

    [Fact]
    public void No_temporary_file_stays_after_a_write()
    {
        AtomicFile.Write(_directory.File("a"), "one"u8);
        AtomicFile.Write(_directory.File("a"), "two"u8);

        Directory.EnumerateFiles(_directory.Path).Should().ContainSingle();
        File.ReadAllText(_directory.File("a")).Should().Be("two");
    }

    [Theory]
    [InlineData("""{"schema":"hyper2kvm/job/2","id":"x","future":{"schema":1}}""", "hyper2kvm/job/2")]
    [InlineData("""{"id":"x"}""", "no schema field")]
    [InlineData("""{"schema":"hyper2kvm/job/1","id":"x","inputt":{}}""", "inputt")]
    [InlineData("""{"schema":"hyper2kvm/job/1"}""", "id")]
    [InlineData("not json", "not JSON")]
    [InlineData("", "not JSON")]
    public void A_document_that_cannot_be_understood_is_refused_by_name(string text, string expected)
    {
        var work = WorkDirectory.Use(_directory.File("work"));
        File.WriteAllText(work.File("job.json"), text);

        var reading = work.LoadJob;

        reading.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.Document)
            .WithMessage($"*{work.File("job.json")}*{expected}*");
    }

    [Fact]
    public void A_document_that_is_missing_says_which_step_to_run()
    {
        var work = WorkDirectory.Use(_directory.File("work"));

        var reading = work.LoadTarget;

        reading.Should().Throw<StepException>().WithMessage("*metadata.out does not exist*").Which.Hint.Should().Contain("Run the step");
    }

    [Fact]
    public void Fields_that_a_document_leaves_out_have_their_defaults()
    {
        var work = WorkDirectory.Use(_directory.File("work"));
        File.WriteAllText(work.File("job.json"), """{"schema":"hyper2kvm/job/1","id":"x","input":{"type":"disk"},"output":{"type":"null"}}""");
        File.WriteAllText(work.File("metadata.in"), """{"schema":"hyper2kvm/metadata.in/1","name":"n","cpu":{},"nics":[{}]}""");
        File.WriteAllText(work.File("metadata.out"), """{"schema":"hyper2kvm/metadata.out/1","name":"n","capabilities":{"rng":true}}""");
        File.WriteAllText(work.File("report.json"), """{"schema":"hyper2kvm/report/1"}""");

        work.LoadJob().Should().BeEquivalentTo(new Job
        {
            Schema = Job.SchemaName,
            Id = "x",
            Input = new JobInput { Type = "disk" },
            Output = new JobOutput { Type = "null" },
        });
        work.LoadSource().Should().BeEquivalentTo(new SourceMetadata { Schema = SourceMetadata.SchemaName, Name = "n", Nics = [new NicMetadata()] });
        work.LoadTarget().Should().BeEquivalentTo(new TargetMetadata
        {
            Schema = TargetMetadata.SchemaName,
            Name = "n",
            Capabilities = new GuestCapabilities { Rng = true },
        });
        work.LoadReport().Should().BeEquivalentTo(new ConversionReport { Schema = ConversionReport.SchemaName });
    }
}
