using Hyper2Kvm.Guest.Probing;
using Hyper2Kvm.Guest.Tests.Fixtures;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Luks;

namespace Hyper2Kvm.Guest.Tests.Volumes.Luks;

public sealed class LuksHeaderTests
{
    [Fact]
    public void A_header_of_LUKS1_says_where_the_data_is_and_how_it_is_encrypted()
    {
        var container = LuksHeader.Read(LuksSample.Load("luks1").Reader());

        container.Version.Should().Be(1);
        container.Uuid.Should().HaveLength(36);
        container.Segment.Should().Be(new LuksSegment(2 << 20, 62 << 20, 0, "aes-xts-plain64", 512));
        container.Slots.Single().Should().Match<LuksKeySlot>(slot => slot.KeyBytes == 64 && slot.Stripes == 4000 && slot.Offset == 4096);
    }

    [Fact]
    public void A_header_of_LUKS2_has_its_key_slots_with_their_costs()
    {
        var container = LuksHeader.Read(LuksSample.Load("luks2").Reader());

        container.Version.Should().Be(2);
        container.Note.Should().BeNull();
        container.Segment.Should().Be(new LuksSegment(16 << 20, 48 << 20, 0, "aes-xts-plain64", 512));
        container.Slots.Select(slot => slot.Offset).Should().Equal(32768, 290816);
        container.Slots[0].Kdf.Should().BeOfType<Argon2Kdf>().Which.Should().Match<Argon2Kdf>(kdf => kdf.Type == Argon2Type.Id && kdf.MemoryKib == 32768 && kdf.Passes == 4 && kdf.Lanes == 1);
        LuksHeader.Read(LuksSample.Load("luks2-pbkdf2").Reader()).Segment.SectorBytes.Should().Be(4096);
    }

    [Theory]
    [InlineData(0, 0, "first copy")] // its magic
    [InlineData(0, 5000, "first copy")] // its text
    [InlineData(LuksSample.CopyBytes, 300, "second copy")]
    public void One_copy_of_LUKS2_that_is_damaged_is_made_good_by_the_other(int copy, int at, string note)
    {
        var sample = LuksSample.Load("luks2");
        var sound = LuksHeader.Read(sample.Reader());
        sample.Bytes[copy + at] ^= 1;

        var container = LuksHeader.Read(sample.Reader());

        container.Uuid.Should().Be(sound.Uuid);
        container.Slots.Should().HaveCount(2);
        container.Note.Should().Contain(note);
        VolumeProbe.Identify(sample.Reader(), 0, LuksSample.Length).Should().Be(new VolumeContent("crypto_LUKS", sound.Uuid, "luks2"));
    }

    [Fact]
    public void Of_two_sound_copies_the_newer_counts()
    {
        var sample = LuksSample.Load("luks2");
        sample.Bytes[LuksSample.CopyBytes + 16 + 7] = 0xFF; // seqid
        sample.Bytes.AsSpan(LuksSample.CopyBytes + 168, 8).Fill((byte)'a'); // uuid

        LuksHeader.Read(sample.Sealed().Reader()).Uuid.Should().StartWith("aaaaaaaa-");
    }

    [Theory]
    [InlineData("\"memory\":32768", "\"memory\":4194305", "*more than 4096 MiB*refused*")]
    [InlineData("\"time\":4,", "\"time\":4000000000,", "*too much work*")]
    [InlineData("\"cpus\":1", "\"cpus\":1000", "*too much work*")]
    [InlineData("argon2id", "argon3", "*argon3*not supported*")]
    [InlineData("\"encryption\":\"aes-xts-plain64\",\"key_size\"", "\"encryption\":\"serpent-xts-plain64\",\"key_size\"", "*serpent-xts-plain64*not supported*")]
    [InlineData("\"hash\":\"sha256\"", "\"hash\":\"whirlpool\"", "*whirlpool*not supported*")]
    [InlineData("\"iterations\":1000", "\"iterations\":4000000000", "*iterations*")]
    [InlineData("\"stripes\":4000", "\"stripes\":400000000", "*stripes*")]
    [InlineData("\"offset\":\"32768\"", "\"offset\":\"327680000000\"", "*key slot 0*")]
    [InlineData("\"offset\":\"32768\"", "\"offset\":\"-1\"", "*offset*")]
    [InlineData("\"offset\":\"16777216\"", "\"offset\":\"9223372036854775807\"", "*does not lie within*")]
    [InlineData("\"sector_size\":512", "\"sector_size\":511", "*damaged*")]
    [InlineData("\"sector_size\":512", "\"sector_size\":0", "*damaged*")]
    [InlineData("\"sector_size\":512", "\"sector_size\":512,\"integrity\":{}", "*authenticated*")]
    [InlineData("\"config\":{", "\"config\":{\"requirements\":{\"mandatory\":[\"online-reencrypt-v2\"]},", "*encrypted anew*")]
    [InlineData("\"config\":{", "\"config\":{\"requirements\":{\"mandatory\":[\"later-thing\"]},", "*later-thing*")]
    [InlineData("\"segments\":[\"0\"]", "\"segments\":[\"7\"]", "*no digest*")]
    [InlineData("{\"keyslots\"", "{{\"keyslots\"", "*no JSON*")]
    public void What_is_damaged_too_costly_or_not_supported_is_refused_by_name(string old, string replacement, string message)
    {
        var reader = LuksSample.Load("luks2").With(old, replacement).Reader();

        FluentActions.Invoking(() => LuksHeader.Read(reader).Slots[0].Open(reader, "fixture"u8)).Should().Throw<VolumeProblem>().WithMessage(message);
    }

    [Fact]
    public void Both_copies_damaged_are_refused_with_what_helps()
    {
        var sample = LuksSample.Load("luks2");
        sample.Bytes[5000] ^= 1;
        sample.Bytes[LuksSample.CopyBytes + 5000] ^= 1;

        sample.Reader().Invoking(reader => LuksHeader.Read(reader)).Should().Throw<VolumeProblem>().WithMessage("*both copies*luksHeaderRestore*");
    }

    [Fact]
    public void A_LUKS1_header_that_is_kept_apart_is_refused()
    {
        var sample = LuksSample.Load("luks1");
        sample.Bytes.AsSpan(104, 4).Clear();

        sample.Reader().Invoking(reader => LuksHeader.Read(reader)).Should().Throw<VolumeProblem>().WithMessage("*detached header*");
    }
}
