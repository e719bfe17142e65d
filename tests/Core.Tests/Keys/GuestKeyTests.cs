using System.Text;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Keys;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Core.Tests.Keys;

public sealed class GuestKeyTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("all:key:secret", "all", "secret")]
    [InlineData("/dev/sda2:key:a:b:c ", "/dev/sda2", "a:b:c ")]
    [InlineData("01234567-89ab-cdef-0123-456789abcdef:key:pässword", "01234567-89ab-cdef-0123-456789abcdef", "pässword")]
    public void A_passphrase_is_all_that_follows_and_is_never_shown(string text, string id, string passphrase)
    {
        var key = GuestKey.Parse(text);

        key.Id.Should().Be(id);
        Encoding.UTF8.GetString(key.Read()).Should().Be(passphrase);
        key.ToString().Should().Be($"--key {id}:key:…");
    }

    [Theory]
    [InlineData("secret", "secret")]
    [InlineData("secret\n", "secret")]
    [InlineData("secret\n\n", "secret\n")]
    [InlineData("two\nlines", "two\nlines")]
    [InlineData("secret\r\n", "secret\r")]
    [InlineData("", "")]
    public void Of_a_file_one_newline_at_its_end_is_taken_off(string content, string passphrase)
    {
        var file = _directory.File("a key:1");
        File.WriteAllText(file, content);

        var key = GuestKey.Parse($"all:file:{file}");

        Encoding.UTF8.GetString(key.Read()).Should().Be(passphrase);
        key.ToString().Should().Be($"--key all:file:{file}");
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("all:secret")]
    [InlineData(":key:secret")]
    [InlineData("all:KEY:secret")]
    [InlineData("all:key:")]
    [InlineData("all:file:")]
    [InlineData("all:clevis")]
    [InlineData("")]
    public void What_is_no_key_is_refused_without_repeating_it(string text)
        => FluentActions.Invoking(() => GuestKey.Parse(text)).Should().Throw<StepException>()
            .Where(failure => failure.Code == ErrorCodes.Usage && !failure.ToString().Contains("secret") && failure.Message.Contains("--key"));

    [Fact]
    public void A_file_that_is_not_there_or_is_a_directory_is_told_by_its_name()
    {
        foreach (var path in new[] { _directory.File("missing"), _directory.Path })
        {
            FluentActions.Invoking(() => GuestKey.InFile("all", path).Read()).Should().Throw<StepException>()
                .Where(failure => failure.Code == ErrorCodes.ConvertKey && failure.Message.Contains(path));
        }
    }

    [Fact]
    public void A_passphrase_that_is_handed_on_is_read_by_another_program_from_memory_and_is_in_no_document()
    {
        string path;
        using (var held = HeldKeys.Hold([GuestKey.Parse("all:key:a secret\n")]))
        {
            var key = held.Keys.Single();
            path = key.File;

            CommandRunner.Run(new Command("cat", path)).OutputText.Should().Be("a secret\n\n");
            GuestKey.From(key).Read().Should().Equal("a secret\n"u8.ToArray());
            GuestKey.From(key).ToString().Should().Be("--key all:key:…");
            key.ToString().Should().NotContain("secret");
        }

        File.Exists(path).Should().BeFalse();
    }

    [Fact]
    public void A_file_is_handed_on_by_its_path_and_a_pipe_by_what_was_in_it()
    {
        var file = _directory.File("key");
        File.WriteAllText(file, "one\n");
        var pipe = _directory.File("pipe");
        CommandRunner.Run(new Command("mkfifo", pipe)).Succeeded.Should().BeTrue();
        var writer = new Thread(() => File.WriteAllText(pipe, "two"));
        writer.Start();

        using var held = HeldKeys.Hold([GuestKey.InFile("all", file), GuestKey.InFile("all", pipe)]);

        writer.Join();
        held.Keys[0].Should().Be(new JobKey { Id = "all", File = file });
        GuestKey.From(held.Keys[1]).Read().Should().Equal("two"u8.ToArray());
    }

    [Theory]
    [InlineData("--key=all:key:se:cret", "--key=all:key:…")]
    [InlineData("/dev/sda2:key:se\ncret", "/dev/sda2:key:…")]
    [InlineData("all:file:/etc/key", "all:file:/etc/key")]
    [InlineData("web01.vmdk", "web01.vmdk")]
    public void An_argument_is_written_down_without_its_passphrase(string argument, string written) => KeyOption.Redact(argument).Should().Be(written);
}
