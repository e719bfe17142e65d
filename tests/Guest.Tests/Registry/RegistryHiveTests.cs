using System.Text;
using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Registry;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Registry;

public sealed class RegistryHiveTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly ConfinedFiles _files;

    public RegistryHiveTests()
    {
        File.WriteAllBytes(_scratch.File("hive"), EmptyHive.Make());
        _files = ConfinedFiles.Open(_scratch.Path);
    }

    public void Dispose()
    {
        _files.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void Keys_and_values_of_all_kinds_are_read_as_they_were_written()
    {
        RegistryValue[] values =
        [
            RegistryValue.OfText(string.Empty, "default"),
            RegistryValue.OfText("Grüße 東京", "Größe 東京 𝄞"),
            RegistryValue.OfExpandText("Path", "%SystemRoot%\\x"),
            RegistryValue.OfTexts("Filters", "a", "b c"),
            RegistryValue.OfDWord("Start", 0x80000000),
            RegistryValue.OfBinary("Version", 1, 0, 255),
            RegistryValue.OfBinary("Empty"),
            new("Large", RegistryType.QWord, [1, 0, 0, 0, 0, 0, 0, 0x80]),
            new("Odd", (RegistryType)0x20000, [7]),
        ];
        Change(hive =>
        {
            Array.ForEach(values, value => hive.SetValue(@"Services\viostor\Größe", value));
            hive.CreateKey(@"Services\Empty");
        });

        using var read = RegistryHive.Open(_files, "/hive");

        read.Keys(string.Empty).Should().Equal("Services");
        read.Keys("Services").Should().BeEquivalentTo("Empty", "viostor");
        read.Keys("Services\\nothing").Should().BeEmpty();
        read.Values(@"services\VIOSTOR\Größe").Should().BeEquivalentTo(values, options => options.ComparingByMembers<RegistryValue>().WithStrictOrdering());
        read.Value(@"Services\viostor\Größe", "grüße 東京")?.Text.Should().Be("Größe 東京 𝄞");
        read.Value(@"Services\viostor\Größe", "FILTERS")!.Texts.Should().Equal("a", "b c");
        read.Value(@"Services\viostor\Größe", "large")!.Number.Should().Be(0x8000000000000001);
        read.Value(@"Services\viostor\Größe", "start")!.Number.Should().Be(0x80000000);
        read.Value(@"Services\viostor", "Start").Should().BeNull();
    }

    [Fact]
    public void Another_reader_sees_what_was_written()
    {
        Change(hive => hive.SetValue(@"Select", RegistryValue.OfDWord("Current", 7)));

        Tool.RunWithInput("cd Select\nlsval Current\n", "hivexsh", _scratch.File("hive")).Should().Contain("7");
    }

    [Fact]
    public void A_value_takes_the_place_of_the_one_of_its_name_and_others_stay()
    {
        Change(hive =>
        {
            hive.SetValue("K", RegistryValue.OfText("First", "1"));
            hive.SetValue("K", RegistryValue.OfText("Second", "2"));
            hive.SetValue("K", RegistryValue.OfText("Third", "3"));
        });
        Change(hive =>
        {
            hive.SetValue("k", RegistryValue.OfText("SECOND", "two"));
            hive.DeleteValue("K", "third");
            hive.DeleteValue("K", "fourth");
            hive.DeleteValue("L", "x");
        });

        using var read = RegistryHive.Open(_files, "/hive");
        read.Values("K").Select(value => (value.Name, value.Text)).Should().Equal(("First", "1"), ("SECOND", "two"));
    }

    [Fact]
    public void A_key_is_removed_with_all_that_is_in_it_and_the_root_is_not()
    {
        Change(hive =>
        {
            hive.SetValue(@"A\B\C", RegistryValue.OfText("x", "y"));
            hive.CreateKey(@"A\D");
        });
        Change(hive =>
        {
            hive.DeleteKey(@"A\b");
            hive.DeleteKey(@"A\nothing");
            hive.Invoking(one => one.DeleteKey("\\")).Should().Throw<ArgumentException>();
        });

        using var read = RegistryHive.Open(_files, "/hive");
        read.Keys("A").Should().Equal("D");
    }

    [Fact]
    public void What_is_not_committed_is_lost_and_a_hive_for_reading_is_not_changed()
    {
        var before = File.ReadAllBytes(_scratch.File("hive"));
        using (var hive = RegistryHive.Open(_files, "/hive", writable: true))
        {
            hive.CreateKey("lost");
        }

        using (var hive = RegistryHive.Open(_files, "/hive"))
        {
            hive.Invoking(one => one.CreateKey("x")).Should().Throw<InvalidOperationException>();
        }

        File.ReadAllBytes(_scratch.File("hive")).Should().Equal(before);
    }

    [Fact]
    public void A_value_that_would_be_written_as_windows_does_not_read_it_is_refused()
    {
        Change(hive =>
        {
            hive.SetValue("K", new RegistryValue("fits", RegistryType.Binary, new byte[RegistryHive.LargestWritten]));
            hive.Invoking(one => one.SetValue("K", new RegistryValue("large", RegistryType.Binary, new byte[RegistryHive.LargestWritten + 1])))
                .Should().Throw<GuestFileException>().WithMessage(@"/hive: *K\large*16345 bytes*");
        });
    }

    [Fact]
    public void A_hive_of_thousands_of_keys_is_filled_and_read_again()
    {
        var names = Enumerable.Range(0, 3000).Select(number => $"key{number:0000}").ToArray();
        Change(hive => Array.ForEach(names, name => hive.SetValue($"Many\\{name}", RegistryValue.OfText("name", name))));

        using var read = RegistryHive.Open(_files, "/hive");
        read.Keys("Many").Should().Equal(names);
        read.Value(@"Many\KEY2999", "Name")!.Text.Should().Be("key2999");
    }

    [Fact]
    public void A_hive_that_windows_did_not_write_whole_says_so()
    {
        using (var clean = RegistryHive.Open(_files, "/hive"))
        {
            clean.IsClean.Should().BeTrue();
        }

        var bytes = EmptyHive.Make();
        bytes[4]++;
        File.WriteAllBytes(_scratch.File("hive"), EmptyHive.Sealed(bytes));

        using var hive = RegistryHive.Open(_files, "/hive");
        hive.IsClean.Should().BeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("regf")]
    [InlineData("this is a text, and of some length, but no hive")]
    public void What_is_no_hive_is_told_with_its_path(string text)
    {
        File.WriteAllBytes(_scratch.File("hive"), [.. Encoding.ASCII.GetBytes(text), .. new byte[text.Length > 10 ? 8192 : 0]]);

        Opening().Should().Throw<GuestFileException>().WithMessage("/hive: is no registry hive, or damaged*");
    }

    [Fact]
    public void A_fifo_a_link_to_the_host_and_a_file_beyond_the_limit_are_refused_at_once()
    {
        File.Delete(_scratch.File("hive"));
        Tool.Run("mkfifo", _scratch.File("hive"));
        Opening().Should().Throw<GuestFileException>();

        File.Delete(_scratch.File("hive"));
        File.CreateSymbolicLink(_scratch.File("hive"), "/proc/kcore");
        Opening().Should().Throw<GuestFileException>();

        File.Delete(_scratch.File("hive"));
        using var large = File.Create(_scratch.File("hive"));
        large.SetLength(RegistryHive.LargestHive + 1);
        Opening().Should().Throw<GuestFileException>().WithMessage("*larger than 512 MiB*");
    }

    [Fact]
    public void A_damaged_hive_gives_an_error_or_is_read_in_part_and_never_ends_this_process()
    {
        Change(hive =>
        {
            for (var number = 0; number < 40; number++)
            {
                hive.SetValue($@"A\key{number}\below", RegistryValue.OfTexts("v", "x", new string('y', number * 20)));
            }
        });
        var sound = File.ReadAllBytes(_scratch.File("hive"));
        Fuzz.Run(400, random =>
        {
            var damaged = (byte[])sound.Clone();
            for (var change = random.Next(1, 12); change > 0; change--)
            {
                var at = random.Next(8) == 0 ? random.Next(512) : random.Next(4096, damaged.Length);
                damaged[at] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
            }

            File.WriteAllBytes(_scratch.File("hive"), EmptyHive.Sealed(damaged));
            try
            {
                using var hive = RegistryHive.Open(_files, "/hive", writable: random.Next(2) == 0);
                Walk(hive, string.Empty, 0);
                hive.DeleteKey(@"A\key7");
                hive.SetValue(@"A\key8", RegistryValue.OfDWord("n", 1));
                hive.Commit();
            }
            catch (Exception refused) when (refused is GuestFileException or InvalidOperationException)
            {
                // What it is for: damaged, or opened for reading.
            }
        });
    }

    private static void Walk(RegistryHive hive, string key, int depth)
    {
        _ = hive.Values(key);
        foreach (var name in depth < 4 ? hive.Keys(key).Take(50) : [])
        {
            Walk(hive, $@"{key}\{name}", depth + 1);
        }
    }

    private Func<RegistryHive> Opening() => () => RegistryHive.Open(_files, "/hive");

    private void Change(Action<RegistryHive> change)
    {
        using var hive = RegistryHive.Open(_files, "/hive", writable: true);
        change(hive);
        hive.Commit();
    }
}
