using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Registry;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>What makes a volume one of Windows: its two hives, filled by hivex.</summary>
internal static class WindowsVolume
{
    public const string CurrentVersion = @"Microsoft\Windows NT\CurrentVersion";

    /// <summary>Puts them on a volume.</summary>
    /// <param name="files">The volume.</param>
    /// <param name="scratch">Where they are made.</param>
    /// <param name="product">ProductName.</param>
    /// <param name="build">CurrentBuildNumber.</param>
    /// <param name="installation">InstallationType.</param>
    /// <param name="root">Where on it, as it is to be spelled.</param>
    public static void Make(IGuestFiles files, ScratchDirectory scratch, string product, int build, string installation, string root = "/Windows")
    {
        files.Write($"{root}/System32/config/SOFTWARE", Hive(scratch, hive =>
        {
            foreach (var (name, text) in new[] { ("ProductName", product), ("CurrentBuildNumber", $"{build}"), ("CurrentVersion", "6.3"), ("InstallationType", installation), ("EditionID", "Professional"), ("DisplayVersion", "22H2") })
            {
                hive.SetValue(CurrentVersion, RegistryValue.OfText(name, text));
            }

            hive.SetValue(CurrentVersion, RegistryValue.OfDWord("CurrentMajorVersionNumber", 10));
            hive.SetValue(CurrentVersion, RegistryValue.OfDWord("CurrentMinorVersionNumber", 0));
            hive.SetValue(CurrentVersion, RegistryValue.OfDWord("UBR", 3570));
        }));
        files.Write($"{root}/System32/config/SYSTEM", Hive(scratch, hive =>
        {
            hive.SetValue("Select", RegistryValue.OfDWord("Current", 2));
            hive.CreateKey("ControlSet001");
            hive.SetValue(@"ControlSet002\Services\Tcpip\Parameters", RegistryValue.OfText("Hostname", "Büro-7"));
            hive.SetValue(@"ControlSet002\Control\Session Manager\Environment", RegistryValue.OfText("PROCESSOR_ARCHITECTURE", "AMD64"));
        }));
    }

    /// <summary>A hive with what is put into it.</summary>
    public static byte[] Hive(ScratchDirectory scratch, Action<IRegistryHive> fill)
    {
        File.WriteAllBytes(scratch.File("hive"), EmptyHive.Make());
        using var files = ConfinedFiles.Open(scratch.Path);
        using (var hive = RegistryHive.Open(files, "/hive", writable: true))
        {
            fill(hive);
            hive.Commit();
        }

        return files.Read("/hive");
    }
}
