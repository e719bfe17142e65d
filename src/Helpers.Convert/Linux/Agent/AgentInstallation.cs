using System.Security.Cryptography;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Customise;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;

namespace Hyper2Kvm.Helpers.Convert.Linux.Agent;

/// <summary>The script that installs the agent at the first boot, and the package file that it takes.</summary>
internal static class AgentInstallation
{
    private const string PlaceOfPackage = "@PACKAGE@";

    private static readonly string[] Managers = ["apt-get", "dnf", "tdnf", "yum", "zypper", "apk", "pacman"];
    private static readonly string[] Directories = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    /// <summary>What installs each kind of package file.</summary>
    private static readonly Dictionary<string, string> Installers = new(StringComparer.Ordinal) { [".deb"] = "dpkg", [".rpm"] = "rpm", [".apk"] = "apk" };

    /// <summary>Whether the guest has a package manager that the script knows.</summary>
    /// <param name="files">The guest.</param>
    public static bool IsPossible(IGuestFiles files) => Managers.Any(manager => Has(files, manager));

    /// <summary>The script that asks the guest's repositories.</summary>
    public static FirstBootScript FromRepository() => Script("installs qemu-guest-agent from the guest's repositories, where one answers", string.Empty);

    /// <summary>The edit that puts a package file into the guest, and the script that installs it.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="path">The file on this host.</param>
    /// <exception cref="StepException">It is no package of this guest's kind, or cannot be read (<see cref="ErrorCodes.ConvertCustomise"/>).</exception>
    public static (WriteFile Package, FirstBootScript Script) FromFile(IGuestFiles files, string path)
    {
        var kind = Path.GetExtension(path);
        if (!Installers.TryGetValue(kind, out var installer) || !Has(files, installer))
            throw new StepException(ErrorCodes.ConvertCustomise, $"--agent-package {path}: the guest does not install such files", "Give the package of this guest's distribution: a .deb, .rpm or .apk.");
        var content = HostFile.Read(new JobCustomisation { Action = "agent-package", File = path });
        var hash = System.Convert.ToHexStringLower(SHA256.HashData(content))[..16];
        var place = $"{FirstBootStep.State}/files/qemu-guest-agent-{hash}{kind}";
        var script = Script($"installs qemu-guest-agent from {Path.GetFileName(path)}", place);
        return (new WriteFile(place, "the package that is installed at the first boot", content, IsText: false), script);
    }

    private static FirstBootScript Script(string reason, string package)
        => new(FirstBootRank.Packages, reason, GuestText.Bytes(EmbeddedText.Read("install-agent.sh").Replace(PlaceOfPackage, package, StringComparison.Ordinal)));

    private static bool Has(IGuestFiles files, string program) => Directories.Any(directory => files.HasFile($"{directory}/{program}"));
}
