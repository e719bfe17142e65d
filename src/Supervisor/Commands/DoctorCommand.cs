using System.CommandLine;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Supervisor.Host;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary><c>hyper2kvm doctor</c>: what is missing on this host, and the command that installs it.</summary>
internal static class DoctorCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("doctor", "Check this host; print the command that installs what is missing.");
        command.SetAction(_ => Invocation.Run("hyper2kvm", _ =>
        {
            var findings = HostChecks.All().ToList();
            foreach (var finding in findings)
            {
                var mark = finding.Passed ? "ok  " : finding.Needed ? "MISS" : "note";
                Console.Out.WriteLine($"{mark} {finding.What,-26} {finding.Says}");
            }

            var packages = findings.Where(finding => !finding.Passed && finding.Package is not null).Select(finding => finding.Package!).Distinct().Order(StringComparer.Ordinal).ToList();
            if (packages.Count > 0)
            {
                Console.Out.WriteLine();
                Console.Out.WriteLine($"apt-get install --no-install-recommends {string.Join(' ', packages)}");
            }

            return findings.Any(finding => finding.Needed && !finding.Passed) ? ErrorCodes.Doctor.ExitCode : 0;
        }));
        return command;
    }
}
