using System.Text;
using Hyper2Kvm.Guest.Inspection.Packages;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>Databases of rpm. The headers, and the SQLite that holds them, are made by rpm itself, which in Debian writes no other; of them a Berkeley DB by Berkeley DB's own tool, and an ndb here.</summary>
internal static class RpmSample
{
    private const int SubPackages = 150;

    /// <summary>Made once: rpm and rpmbuild take seconds.</summary>
    private static readonly Lazy<(byte[] Database, byte[][] Headers)> Made = new(Build);

    /// <summary>What is in each, by name.</summary>
    public static IEnumerable<InstalledPackage> Packages
        => [.. Enumerable.Range(0, SubPackages).Select(number => new InstalledPackage($"sample-part{number:000}", "3:1.2.3-4.el9", number == 7 ? "x86_64" : "noarch")).OrderBy(package => package.Name, StringComparer.Ordinal)];

    /// <summary>Puts a database into a directory.</summary>
    /// <param name="backend"><c>sqlite</c>, <c>ndb</c> or <c>bdb</c>.</param>
    /// <param name="directory">The directory.</param>
    /// <returns>Its path.</returns>
    public static string Make(string backend, string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, backend switch { "sqlite" => "rpmdb.sqlite", "ndb" => "Packages.db", _ => "Packages" });
        switch (backend)
        {
            case "bdb":
                MakeBerkeley(path);
                break;
            case "ndb":
                File.WriteAllBytes(path, Ndb());
                break;
            default:
                File.WriteAllBytes(path, Made.Value.Database);
                break;
        }

        return path;
    }

    private static (byte[] Database, byte[][] Headers) Build()
    {
        using var scratch = new ScratchDirectory();
        var (directory, top) = (scratch.File("db"), scratch.File("top"));
        File.WriteAllText(scratch.File("sample.spec"), Spec());
        Tool.Run("rpmbuild", "-bb", "--quiet", "--target", "x86_64", "--define", $"_topdir {top}", "--define", "_build_id_links none", scratch.File("sample.spec"));
        Tool.Run("rpm", ["--install", "--justdb", "--nodeps", "--ignorearch", "--nosignature", "--noscripts", "--dbpath", directory, "--define", "_db_backend sqlite", .. Directory.EnumerateFiles(top, "*.rpm", SearchOption.AllDirectories)]);
        var database = Path.Combine(directory, "rpmdb.sqlite");

        // What is in the log yet is what a guest that was shut down has in its database.
        Tool.Run("sqlite3", database, "PRAGMA wal_checkpoint(TRUNCATE)");
        var headers = Tool.Run("sqlite3", database, "SELECT hex(blob) FROM Packages ORDER BY hnum").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Convert.FromHexString).ToArray();
        return (File.ReadAllBytes(database), headers);
    }

    /// <summary>Many packages; descriptions of many lengths, so that headers of one page and of several are among them.</summary>
    private static string Spec()
    {
        var spec = new StringBuilder("Name: sample\nEpoch: 3\nVersion: 1.2.3\nRelease: 4.el9\nSummary: s\nLicense: MIT\n%description\nd\n");
        for (var number = 0; number < SubPackages; number++)
        {
            spec.Append($"%package part{number:000}\nSummary: s\n{(number == 7 ? string.Empty : "BuildArch: noarch\n")}%description part{number:000}\n{string.Concat(Enumerable.Repeat("long words\n", number * number / 12))}\n%files part{number:000}\n");
        }

        return spec.ToString();
    }

    private static void MakeBerkeley(string path)
    {
        var headers = Made.Value.Headers;
        var dump = new StringBuilder("VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=4096\nHEADER=END\n 00000000\n ").Append($"{headers.Length:x2}000000\n");
        for (var number = 0; number < headers.Length; number++)
        {
            dump.Append($" {number + 1:x2}000000\n {Convert.ToHexStringLower(headers[number])}\n");
        }

        Tool.RunWithInput(dump.Append("DATA=END\n").ToString(), "db5.3_load", path);
    }

    /// <summary>As rpm, lib/backend/ndb/rpmpkg.c writes it: one page of slots, then each header between its head and tail, in blocks of 16 bytes.</summary>
    private static byte[] Ndb()
    {
        const int PageBytes = 4096;
        const int BlockBytes = 16;
        using var database = new MemoryStream();
        using var writer = new BinaryWriter(database);
        void At(long place, params uint[] words)
        {
            database.Position = place;
            Array.ForEach(words, writer.Write);
        }

        var headers = Made.Value.Headers;
        At(0, Word("RpmP"), 0, 1, 1, (uint)headers.Length + 1, 0, 0, 0);
        var end = (long)PageBytes;
        for (var slot = 2; slot < PageBytes / BlockBytes; slot++)
        {
            var package = slot - 1;
            if (package > headers.Length)
            {
                At(slot * BlockBytes, Word("Slot"), 0, 0, 0);
                continue;
            }

            var header = headers[package - 1];
            var bytes = (BlockBytes + header.Length + 12 + BlockBytes - 1) / BlockBytes * BlockBytes;
            At(slot * BlockBytes, Word("Slot"), (uint)package, (uint)(end / BlockBytes), (uint)(bytes / BlockBytes));
            At(end, Word("BlbS"), (uint)package, 1, (uint)header.Length);
            writer.Write(header);
            At(end + bytes - 12, 0, (uint)header.Length, Word("BlbE"));
            end += bytes;
        }

        return database.ToArray();
    }

    private static uint Word(string text) => BitConverter.ToUInt32(Encoding.ASCII.GetBytes(text));
}
