using System.Globalization;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Registry;

namespace Hyper2Kvm.Guest.Inspection;

/// <summary>Says what Windows a volume holds, by its registry.</summary>
internal sealed class WindowsInspection
{
    private const string CurrentVersion = @"Microsoft\Windows NT\CurrentVersion";

    /// <summary>Where its directory is: from Windows XP on, and before.</summary>
    private static readonly string[] SystemRoots = ["/Windows", "/WINNT"];

    private readonly IGuestFiles _files;
    private readonly string _root;
    private readonly List<string> _problems = [];

    private WindowsInspection(IGuestFiles files, string root)
    {
        _files = files;
        _root = root;
    }

    /// <summary>Looks at a tree; <see langword="null"/> where it is no system volume of Windows.</summary>
    /// <param name="files">The tree.</param>
    /// <param name="volume">The volume that holds it.</param>
    /// <remarks>A registry that cannot be read leaves a Windows of which nothing more is known, and is told.</remarks>
    public static GuestSystem? Inspect(IGuestFiles files, GuestVolume volume)
    {
        try
        {
            var root = SystemRoots.Select(path => WindowsPath.Find(files, path)).FirstOrDefault(root => root is not null && HivePath(files, root, "SOFTWARE") is not null && HivePath(files, root, "SYSTEM") is not null);
            return root is null ? null : new WindowsInspection(files, root).Inspect(volume);
        }
        catch (GuestFileException)
        {
            return null;
        }
    }

    private GuestSystem Inspect(GuestVolume volume)
    {
        var windows = Read("SOFTWARE", Version) ?? new WindowsMetadata { SystemRoot = _root };
        var (controlSet, hostName, architecture) = Read("SYSTEM", Machine);
        var isServer = windows.InstallationType is { } type
            ? !type.Equals("Client", StringComparison.OrdinalIgnoreCase)
            : windows.ProductName?.Contains("Server", StringComparison.OrdinalIgnoreCase) == true;
        var release = windows.Build is { } build ? WindowsRelease.Of(build, isServer) : null;

        // The registry of Windows 11 still says 10 here, so that old programs go on.
        var name = release == "11" ? windows.ProductName?.Replace("Windows 10", "Windows 11", StringComparison.Ordinal) : windows.ProductName;
        return new GuestSystem(
            volume,
            null,
            new OperatingSystemMetadata { Family = "windows", Distribution = "windows", Version = release, ProductName = name ?? "Windows", HostName = hostName, Root = volume.Device },
            [],
            architecture)
        {
            Windows = windows with { ProductName = name, ControlSet = controlSet },
            Problems = _problems,
        };
    }

    private WindowsMetadata Version(IRegistryHive software)
    {
        string? Text(string name) => software.Value(CurrentVersion, name)?.Text;
        ulong? Number(string name) => software.Value(CurrentVersion, name)?.Number;
        return new WindowsMetadata
        {
            SystemRoot = _root,
            ProductName = Text("ProductName"),
            Version = Number("CurrentMajorVersionNumber") is { } major ? $"{major}.{Number("CurrentMinorVersionNumber") ?? 0}" : Text("CurrentVersion"),
            Build = int.TryParse(Text("CurrentBuildNumber") ?? Text("CurrentBuild"), NumberStyles.None, CultureInfo.InvariantCulture, out var build) ? build : null,
            Revision = (int?)Number("UBR"),
            DisplayVersion = Text("DisplayVersion") ?? Text("ReleaseId"),
            Edition = Text("EditionID"),
            InstallationType = Text("InstallationType"),
        };
    }

    private static (string? ControlSet, string? HostName, string? Architecture) Machine(IRegistryHive system)
    {
        var current = system.Value("Select", "Current")?.Number;
        var set = current is null ? null : $"ControlSet{current:000}";
        if (set is null || !system.HasKey(set))
        {
            return (null, null, null);
        }

        var host = system.Value($@"{set}\Services\Tcpip\Parameters", "Hostname")?.Text;
        return (
            set,
            string.IsNullOrEmpty(host) ? system.Value($@"{set}\Control\ComputerName\ComputerName", "ComputerName")?.Text : host,
            system.Value($@"{set}\Control\Session Manager\Environment", "PROCESSOR_ARCHITECTURE")?.Text?.ToUpperInvariant() switch
            {
                "AMD64" => "x86_64",
                "X86" => "i686",
                "ARM64" => "aarch64",
                _ => null,
            });
    }

    private T? Read<T>(string name, Func<IRegistryHive, T> read)
    {
        try
        {
            using var hive = RegistryHive.Open(_files, HivePath(_files, _root, name)!);
            if (!hive.IsClean)
            {
                _problems.Add($"the registry's {name} was not written whole when Windows ended: what its logs hold is not seen");
            }

            return read(hive);
        }
        catch (GuestFileException unusable)
        {
            _problems.Add(unusable.Message);
            return default;
        }
    }

    private static string? HivePath(IGuestFiles files, string root, string name)
        => WindowsPath.Find(files, $"{root}/System32/config/{name}") is { } path && files.Status(path)?.Kind == GuestFileKind.File ? path : null;
}
