using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Inspection.Packages;
using Hyper2Kvm.Guest.Inspection.Tools;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Inspection;

public sealed class PackageTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly string _root;

    public PackageTests() => _root = Directory.CreateDirectory(_scratch.File("root")).FullName;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Dpkg_tells_what_is_installed_and_not_what_was_removed()
    {
        Put("var/lib/dpkg/status", "Package: zlib1g\nStatus: install ok installed\nVersion: 1:1.2.13\nDescription: x\n Version: no\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 2\n\nPackage: apt\nStatus: hold ok installed\nVersion: 2.6");

        Read().Should().BeEquivalentTo(new PackageInventory("dpkg", "apt", [new("apt", "2.6"), new("zlib1g", "1:1.2.13")]), options => options.WithStrictOrdering());
    }

    [Fact]
    public void Apk_and_pacman_are_read_too()
    {
        Put("lib/apk/db/installed", "C:Q1\nP:musl\nV:1.2.4-r2\n\nP:busybox\nV:1.36\n\n");
        Read().Should().BeEquivalentTo(new PackageInventory("apk", "apk", [new("busybox", "1.36"), new("musl", "1.2.4-r2")]));
        Directory.Delete(Path.Combine(_root, "lib"), recursive: true);

        Put("var/lib/pacman/local/gcc-libs-13.2.1-3/desc", string.Empty);
        Put("var/lib/pacman/local/ALPM_DB_VERSION", string.Empty);
        Read().Should().BeEquivalentTo(new PackageInventory("pacman", "pacman", [new("gcc-libs", "13.2.1-3")]));
    }

    [Fact]
    public void Dpkg_tells_architectures()
    {
        Put("var/lib/dpkg/status", "Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 2.36-9\n\nPackage: none\nStatus: install ok installed\nVersion: 1\n");

        Read().Packages.Should().Equal(new InstalledPackage("libc6", "2.36-9", "i386"), new InstalledPackage("none", "1", null));
    }

    [Theory]
    [InlineData("sqlite", "rpmdb.sqlite", "rpm-sqlite")]
    [InlineData("ndb", "Packages.db", "rpm-ndb")]
    [InlineData("bdb", "Packages", "rpm-bdb")]
    public void Packages_of_rpm_come_with_version_release_and_architecture(string backend, string file, string format)
    {
        RpmSample.Make(backend, Path.Combine(_root, "var/lib/rpm"));
        File.Exists(Path.Combine(_root, "var/lib/rpm", file)).Should().BeTrue();
        Put("usr/bin/dnf", string.Empty);

        var found = Read();

        (found.Format, found.Manager).Should().Be((format, "dnf"));
        found.Packages.Should().Equal(RpmSample.Packages);
    }

    [Theory]
    [InlineData("rpmdb.sqlite", "rpm-sqlite")]
    [InlineData("Packages.db", "rpm-ndb")]
    [InlineData("Packages", "rpm-bdb")]
    public void A_database_of_rpm_that_is_none_is_named_and_not_listed(string file, string format)
    {
        Put($"var/lib/rpm/{file}", "x");

        Read().Should().Be(new PackageInventory(format, null, null));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("ndb")]
    [InlineData("bdb")]
    public void A_damaged_database_of_rpm_never_hangs_and_is_not_listed_or_listed_in_part(string backend)
    {
        var path = RpmSample.Make(backend, Path.Combine(_root, "var/lib/rpm"));
        var sound = File.ReadAllBytes(path);
        Func<Stream, IEnumerable<Func<int, ReadOnlyMemory<byte>>>> headers = backend switch { "sqlite" => RpmSqlite.Headers, "ndb" => RpmNdb.Headers, _ => RpmBerkeley.Headers };
        var read = 0;
        Fuzz.Run(
            600,
            random =>
            {
                var damaged = (byte[])sound.Clone();
                for (var change = random.Next(1, 8); change > 0; change--)
                {
                    // Mostly where the structure is: the header, and the start of a page.
                    Fuzz.Damage(damaged, random.Next(3) switch { 0 => random.Next(120), 1 => (random.Next(damaged.Length / 4096) * 4096) + random.Next(64), _ => random.Next(damaged.Length) }, random);
                }

                using var stream = new MemoryStream(damaged);
                try
                {
                    read += RpmDatabase.Read(stream, headers).Count > 0 ? 1 : 0;
                }
                catch (InvalidDataException)
                {
                    // What it is for.
                }
            },
            backend);
        read.Should().BeGreaterThan(6, "some of the damage is harmless: else nothing was tried");
    }

    [Fact]
    public void Rows_of_SQLite_that_lie_over_one_another_are_refused_before_they_fill_the_memory()
    {
        const int Page = 65536;
        const int Rows = 32000;
        var database = new byte[2 * Page];
        "SQLite format 3\0"u8.CopyTo(database);
        database[17] = 1; // page size: 64 KiB
        Leaf(database.AsSpan(100), 60000, 1);
        ((ReadOnlySpan<byte>)[28, 1, 6, 23, 29, 29, 1, 13, .. "table"u8, .. "Packages"u8, .. "Packages"u8, 2]).CopyTo(database.AsSpan(60000));
        Leaf(database.AsSpan(Page), 64100, Rows);
        ((ReadOnlySpan<byte>)[0x87, 0x68, 1, 3, 0x8F, 0x56]).CopyTo(database.AsSpan(Page + 64100)); // 1000 bytes: one blob of 997
        using var stream = new MemoryStream(database);
        var read = 0;

        FluentActions.Invoking(() =>
        {
            foreach (var _ in SqliteTable.Rows(stream, "Packages"))
            {
                read++;
            }
        }).Should().Throw<InvalidDataException>().WithMessage("*over one another*");
        read.Should().BeLessThan(Page / 1000 + 1);

        static void Leaf(Span<byte> page, ushort cell, ushort cells)
        {
            page[0] = 0x0D;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(page[3..], cells);
            for (var index = 0; index < cells; index++)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(page[(8 + (index * 2))..], cell);
            }
        }
    }

    [Fact]
    public void A_fifo_and_a_loop_in_place_of_databases_are_no_packages()
    {
        Directory.CreateDirectory(Path.Combine(_root, "var/lib/dpkg"));
        Tool.Run("mkfifo", Path.Combine(_root, "var/lib/dpkg/status"));
        Directory.CreateDirectory(Path.Combine(_root, "var/lib/rpm"));
        File.CreateSymbolicLink(Path.Combine(_root, "var/lib/rpm/Packages"), "Packages");

        Read().Should().Be(new PackageInventory(null, null, null));
    }

    [Fact]
    public void Tools_of_hypervisors_are_known_by_their_files()
    {
        Put("usr/bin/vmtoolsd", string.Empty);
        Put("opt/VBoxGuestAdditions-7.0.10/uninstall.sh", string.Empty);
        Put("usr/sbin/hv_kvp_daemon", string.Empty);
        Put("usr/sbin/waagent", string.Empty);
        Put("usr/sbin/xe-daemon", string.Empty);
        Put("usr/sbin/qemu-ga", string.Empty);
        using var files = ConfinedFiles.Open(_root);

        HypervisorTools.Find(files).Should().Equal("open-vm-tools", "virtualbox-guest-additions", "hyperv-daemons", "azure-agent", "xe-guest-utilities", "qemu-guest-agent");
    }

    private PackageInventory Read()
    {
        using var files = ConfinedFiles.Open(_root);
        return PackageInventory.Read(files);
    }

    private void Put(string path, string text)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
