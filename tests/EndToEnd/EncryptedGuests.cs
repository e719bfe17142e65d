using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.EndToEnd.Support;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.EndToEnd;

/// <summary>A guest on LUKS, by the command that users type. Its container is made by QEMU, which needs no device mapper.</summary>
[Trait("speed", "slow")]
public sealed class EncryptedGuests : IDisposable
{
    private const string Passphrase = LuksImage.Passphrase;

    private readonly Scratch _scratch = new();
    private readonly string _disk;

    public EncryptedGuests()
    {
        var plain = _scratch.File("plain");
        using (var file = File.Create(plain))
        {
            file.SetLength(16 << 20);
        }

        Run("mke2fs", "-q", "-F", "-t", "ext4", "-L", "secret-data", plain);
        _disk = LuksImage.Make(_scratch.File("disk.raw"), plain);
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("key")]
    [InlineData("file")]
    public void A_passphrase_opens_the_disk_and_is_in_no_document_log_event_or_argument(string kind)
    {
        var (work, events, keyFile) = (_scratch.File("kept"), _scratch.File("events"), _scratch.File("passphrase"));
        File.WriteAllText(keyFile, Passphrase + "\n");
        var key = kind == "key" ? $"all:key:{Passphrase}" : $"all:file:{keyFile}";
        var seen = new HashSet<string>(StringComparer.Ordinal);
        CommandResult? result = null;
        var run = new Thread(() => result = Product.Run(_scratch, "inspect", "--verbose", "--work", work, "--events", $"file:{events}", "--key", key, _disk));
        run.Start();
        while (run.IsAlive)
        {
            seen.UnionWith(_scratch.Processes());
            Thread.Yield();
        }

        run.Join();
        result!.ExitCode.Should().Be(0, result.ErrorText);
        result.OutputText.Should().Contain("/dev/mapper/luks-").And.Contain("ext4").And.NotContain(Passphrase);
        result.ErrorText.Should().NotContain(Passphrase);
        var helpers = seen.Where(line => line.Contains("/libexec/", StringComparison.Ordinal)).ToList();
        helpers.Should().Contain(line => line.Contains("/convert", StringComparison.Ordinal));
        helpers.Where(line => line.Contains(Passphrase, StringComparison.Ordinal)).Should().BeEmpty();
        foreach (var file in Directory.EnumerateFiles(work, "*", SearchOption.AllDirectories).Append(events).Where(file => !IsSocket(file)))
        {
            Encoding.UTF8.GetString(File.ReadAllBytes(file)).Should().NotContain(Passphrase, file);
        }

        File.ReadAllText(Path.Combine(work, "job.json")).Should().Contain("\"keys\"");
    }

    [Fact]
    public void The_command_hides_a_passphrase_among_its_own_arguments()
    {
        // The key file is a pipe that nobody writes yet: the command waits there, with its arguments read.
        var pipe = _scratch.File("pipe");
        Run("mkfifo", pipe);
        CommandResult? result = null;
        var run = new Thread(() => result = Product.Run(_scratch, "inspect", "--key", $"all:key:{Passphrase}", "--key", $"all:file:{pipe}", _disk));
        run.Start();
        using (var writer = new StreamWriter(pipe))
        {
            // Opening it for writing has waited until the command opened it for reading.
            var lines = _scratch.Processes().Where(line => line.Contains(" inspect ", StringComparison.Ordinal)).ToList();
            lines.Should().NotBeEmpty();
            lines.Should().OnlyContain(line => line.Contains("all:key:xxxx", StringComparison.Ordinal) && !line.Contains(Passphrase, StringComparison.Ordinal));
            writer.Write("other");
        }

        run.Join();
        result!.ExitCode.Should().Be(0, result.ErrorText);
    }

    [Theory]
    [InlineData("convert -o local -os /nowhere")]
    [InlineData("in-place")]
    [InlineData("inspect")]
    public void Every_command_that_opens_a_guest_takes_keys(string command)
    {
        var result = Product.Run(_scratch, [.. command.Split(' '), "--key", "wrong-secret", _disk]);

        result.ExitCode.Should().Be(ErrorCodes.Usage.ExitCode);
        result.ErrorText.Should().Contain("--key is ID:key:PASSPHRASE or ID:file:PATH").And.NotContain("wrong-secret");
    }

    [Fact]
    public void The_helper_by_hand_takes_keys_and_writes_none_down()
    {
        var work = _scratch.File("by-hand");
        try
        {
            Product.Helper(_scratch, "input-disk", "--work", work, _disk).ExitCode.Should().Be(0);

            var result = Product.Helper(_scratch, "convert", "--work", work, "--inspect-only", "--verbose", "--key", $"/dev/sda:key:{Passphrase}", "--key", "/dev/sdz:key:another-secret");

            result.ExitCode.Should().Be(0, result.ErrorText);
            File.ReadAllText(Path.Combine(work, "inspection.json")).Should().Contain("/dev/mapper/luks-");
            File.ReadAllText(Path.Combine(work, "logs/convert.log")).Should().Contain("--key /dev/sda:key:…").And.NotContain(Passphrase)
                .And.Contain("--key /dev/sdz:key:… was not used").And.NotContain("another-secret");
            File.ReadAllText(Path.Combine(work, "job.json")).Should().NotContain(Passphrase);
        }
        finally
        {
            Product.Run(_scratch, "cleanup", work).ExitCode.Should().Be(0);
        }
    }

    [Fact]
    public void Without_its_key_a_conversion_says_which_to_give()
    {
        var result = Product.Run(_scratch, "convert", "-o", "local", "-os", _scratch.Target, _disk);

        result.ExitCode.Should().Be(ErrorCodes.ConvertLocked.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain("/dev/sda").And.Contain("LUKS1, UUID ").And.Contain(":file:PATH");
        _scratch.AssertTargetEmpty();
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void With_a_wrong_key_it_says_which_were_tried()
    {
        var result = Product.Run(_scratch, "convert", "-o", "local", "-os", _scratch.Target, "--key", "/dev/sda:key:wrong-secret", _disk);

        result.ExitCode.Should().Be(ErrorCodes.ConvertKey.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain("--key /dev/sda:key:…").And.NotContain("wrong-secret");
        _scratch.AssertNothingLeft();
    }

    private static bool IsSocket(string file) => Path.GetFileName(file) is ['i', 'n', >= '0' and <= '9', ..];

    private static void Run(string program, params string[] arguments)
    {
        var result = CommandRunner.Run(new Command(program, arguments));
        result.ExitCode.Should().Be(0, result.ErrorText);
    }
}
