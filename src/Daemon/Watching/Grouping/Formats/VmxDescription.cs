using System.Text;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Daemon.Watching.Grouping.Formats;

/// <summary>The disks of a VMX: lines such as <c>scsi0:0.fileName = "disk.vmdk"</c>.</summary>
internal static partial class VmxDescription
{
    /// <summary>Reads them: by <c>bios.hddOrder</c> where it is there, then SCSI, SATA, NVMe, IDE, each by its place on the bus.</summary>
    /// <param name="name">Name of the description.</param>
    /// <param name="content">Its content.</param>
    /// <exception cref="FormatException">It is too long.</exception>
    public static Description Read(string name, BoundedFile content)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var match in Encoding.UTF8.GetString(content.ReadText()).Split('\n').Select(line => Line().Match(line)).Where(match => match.Success))
        {
            values.TryAdd(match.Groups["key"].Value, match.Groups["value"].Value);
        }

        var order = values.GetValueOrDefault("bios.hddOrder", "").Split(',', StringSplitOptions.TrimEntries).ToList();
        var disks = values.Keys.Select(key => Slot().Match(key))
            .Where(match => match.Success && IsDisk(values, match.Groups["slot"].Value))
            .OrderBy(match => order.IndexOf(match.Groups["slot"].Value.ToLowerInvariant()) is var place and >= 0 ? place : int.MaxValue)
            .ThenBy(match => Array.IndexOf(Buses, match.Groups["bus"].Value.ToLowerInvariant()))
            .ThenBy(match => match.Groups["slot"].Value, NaturalOrder.Instance)
            .Select(match => values[match.Value]);
        return new Description
        {
            References =
            [
                .. disks.Distinct().Select(disk => new Reference(disk, ReferenceRole.Disk)),
                .. FileTypes.CompanionsOf(name).Select(companion => new Reference(companion, ReferenceRole.Optional)),
            ],
        };
    }

    private static readonly string[] Buses = ["scsi", "sata", "nvme", "ide"];

    private static bool IsDisk(Dictionary<string, string> values, string slot)
        => !values.GetValueOrDefault(slot + ".present", "TRUE").Equals("FALSE", StringComparison.OrdinalIgnoreCase)
            && values[slot + ".fileName"].EndsWith(".vmdk", StringComparison.OrdinalIgnoreCase)
            && !values.GetValueOrDefault(slot + ".deviceType", "").Contains("cdrom", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^\s*(?<key>[\w.:]+)\s*=\s*""(?<value>[^""]*)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Line();

    [GeneratedRegex(@"^(?<slot>(?<bus>scsi|sata|nvme|ide)[0-9]+:[0-9]+)\.fileName$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Slot();
}
