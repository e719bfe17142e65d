using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.EndToEnd.Support;

namespace Hyper2Kvm.EndToEnd;

/// <summary>The examples of <c>scripts/examples</c>, as they stand there.</summary>
[Trait("speed", "slow")]
public sealed class ByHand : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_steps_by_hand_make_what_the_one_command_makes()
    {
        var disks = GuestFixture.Disks(GuestFixture.Variant("debian-novirtio", "vmdk-monolithicSparse"), "vmdk");
        var command = Product.Run(_scratch, ["convert", "-i", "vmdk", "-o", "local", "-os", _scratch.Target, .. disks]);
        var other = Directory.CreateDirectory(_scratch.File("by-hand")).FullName;

        var result = Example("convert-by-hand", [other, .. disks]);

        command.ExitCode.Should().Be(0, command.ErrorText);
        result.ExitCode.Should().Be(0, result.ErrorText);
        Directory.EnumerateFiles(other).Select(Path.GetFileName).Should().BeEquivalentTo("disk0-sda", "disk0-sdb", "disk0.xml");
        GuestTree.Of(_scratch, Disks(other)).Should().Equal(GuestTree.Of(_scratch, Disks(_scratch.Target)));
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void A_folder_of_VMDKs_is_converted_and_a_bad_one_does_not_stop_the_others()
    {
        var folder = Directory.CreateDirectory(_scratch.File("folder")).FullName;
        File.Copy(GuestFixture.Disks(GuestFixture.Variant("debian-novirtio", "vmdk-streamOptimized"), "vmdk")[0], Path.Combine(folder, "b good.vmdk"));
        File.WriteAllText(Path.Combine(folder, "a-bad.vmdk"), "not a disk");

        var result = Example("convert-folder", folder, _scratch.Target);

        result.ExitCode.Should().Be(1);
        result.ErrorText.Should().Contain("a-bad.vmdk (exit ");
        Directory.EnumerateFiles(_scratch.Target).Select(Path.GetFileName).Should().BeEquivalentTo("b good-sda", "b good.xml");
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void A_copy_that_was_killed_goes_on_in_its_work_directory()
    {
        var disks = GuestFixture.Disks(GuestFixture.Variant("debian-novirtio", "vmdk-monolithicSparse"), "vmdk");
        var work = WorkDirectory.Use(_scratch.File("work"));
        var job = new Job { Schema = Job.SchemaName, Id = work.Id, Created = DateTimeOffset.UnixEpoch, Copy = new JobCopy { Bandwidth = 64 << 20, Connections = 1 } };
        work.Save(job);
        using var input = ChildProcess.Start(Helper(["input-vmdk", "--foreground", .. disks]));
        SpinWait.SpinUntil(() => input.HasExited || File.Exists(work.File(SourceMetadata.FileName)), TimeSpan.FromMinutes(1));
        Step("convert");
        Step("output-local", "setup", "-os", _scratch.Target);
        using (var copy = ChildProcess.Start(Helper("copy")))
        {
            // Slowed down, so that something is noted long before the end: a line for the header, and then one.
            SpinWait.SpinUntil(() => copy.HasExited || Noted(work) > 1, TimeSpan.FromMinutes(2));
            copy.HasExited.Should().BeFalse(copy.ErrorTail);
            copy.Kill();
            copy.Wait();
        }

        var noted = Noted(work);
        work.Save(work.LoadJob() with { Copy = new JobCopy { Verify = true } });
        Step("copy", "--resume");
        Step("output-local", "final");

        File.ReadAllText(work.LogPath("copy")).Should().NotContain("copied anew");
        Noted(work).Should().BeGreaterThan(noted, "the journal went on");
        var digests = work.LoadTarget().Disks.Select(disk => disk.Digest).ToList();
        digests.Should().HaveCount(2).And.OnlyContain(digest => digest != null);

        // The small one: the documents' command starts a program for each 64 KiB.
        digests[1].Should().Be($"tree-sha256:{DigestByTheDocuments(Path.Combine(_scratch.Target, "disk0-sdb"))}");

        input.Stop();
        work.Delete();
        _scratch.AssertNothingLeft();
    }

    /// <summary>The command of <c>docs/copy.md</c>.</summary>
    private static string DigestByTheDocuments(string path)
    {
        var line = File.ReadLines(Path.Combine(Product.Root, "docs/copy.md")).Single(text => text.StartsWith("split -b 64M", StringComparison.Ordinal));
        var result = CommandRunner.Run(new Command("bash", "-c", line.Replace("guest.raw", $"'{path}'", StringComparison.Ordinal)));
        result.ExitCode.Should().Be(0, result.ErrorText);
        return result.OutputText.Split(' ')[0];
    }

    /// <summary>Lines of the first disk's journal. Counted by wc: who writes a journal has it alone, and .NET would ask for a share of it.</summary>
    private static int Noted(WorkDirectory work)
    {
        var counted = CommandRunner.Run(new Command("wc", "-l", work.File("copy0.journal")));
        return counted.ExitCode == 0 ? int.Parse(counted.OutputText.Split(' ')[0]) : 0;
    }

    private Command Helper(params string[] words)
        => new(Path.Combine(Product.Libexec, words[0]), [.. words.Skip(1), "--work", _scratch.File("work")]) { Environment = _scratch.Environment };

    private void Step(params string[] words)
    {
        var result = CommandRunner.Run(Helper(words));
        result.ExitCode.Should().Be(0, result.ErrorText);
    }

    private static IEnumerable<string> Disks(string directory) => Directory.EnumerateFiles(directory, "disk0-sd?").Order(StringComparer.Ordinal);

    private CommandResult Example(string name, params string[] arguments)
        => CommandRunner.Run(new Command(Path.Combine(Product.Root, "scripts/examples", name), arguments)
        {
            Environment = new Dictionary<string, string?>(_scratch.Environment) { ["TMPDIR"] = _scratch.Path },
        });
}
