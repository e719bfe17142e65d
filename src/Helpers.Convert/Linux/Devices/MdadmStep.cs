using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>Frees mdadm.conf of device names: arrays are found by their UUID, on whatever disks they are (mdadm.conf(5)).</summary>
internal sealed partial class MdadmStep : IConversionStep
{
    private static readonly string[] Paths = ["/etc/mdadm.conf", "/etc/mdadm/mdadm.conf"];

    /// <inheritdoc/>
    public string Concern => "mdadm";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var path in Paths)
        {
            if (guest.Files.ReadText(path) is { } text)
            {
                var devices = new DeviceRewriter(guest.Names, path, plan);
                plan.Edit(GuestText.Rewrite(path, "arrays are looked for on all disks, and known by what is on them", text, before => Rewrite(before, guest.Names, devices)));
            }
        }
    }

    /// <summary>Rewrites an mdadm.conf, in <c>/etc</c> or inside an initramfs.</summary>
    /// <param name="text">Its text. A line that begins with a blank continues the one before it.</param>
    /// <param name="names">Tells the members of arrays.</param>
    /// <param name="devices">Replaces device names.</param>
    public static string Rewrite(string text, VolumeNames names, DeviceRewriter devices)
        => Statement().Replace(text, statement => Keyword().Match(statement.Value).Value.ToUpperInvariant() switch
        {
            "DEVICE" or "DEV" => Devices(statement.Value),
            "ARRAY" => Array(statement.Value, names, devices),
            _ => statement.Value,
        });

    /// <summary>A list of disks becomes all of them, which is also what a file without a list means.</summary>
    private static string Devices(string statement)
        => Words().Matches(WithoutComments(statement)).Skip(1).Any(word => word.Value.StartsWith("/dev/", StringComparison.Ordinal) && !MovesWithData(word.Value))
            ? $"DEVICE partitions{(statement.EndsWith('\r') ? "\r" : string.Empty)}"
            : statement;

    private static bool MovesWithData(string name) => name.StartsWith("/dev/md", StringComparison.Ordinal) || name.StartsWith("/dev/mapper/", StringComparison.Ordinal);

    private static string Array(string statement, VolumeNames names, DeviceRewriter devices)
    {
        var members = Members().Match(statement);
        if (!members.Success)
            return statement;
        var listed = members.Groups["names"].Value.Split(',');
        if (!listed.Any(VolumeNames.IsControllerName))
            return statement;
        if (Identity().IsMatch(statement))
            return statement.Remove(members.Index, members.Length);
        var uuids = listed.Select(name => names.Translate(name)?.Volume).Select(volume => volume is { Content: "linux_raid_member", Uuid: { } uuid } ? uuid : null).Distinct().ToList();
        return uuids is [{ } uuid]
            ? $"{statement[..members.Index]} UUID={MdUuid(uuid)}{statement[(members.Index + members.Length)..]}"
            : string.Concat(statement.AsSpan(0, members.Groups["names"].Index), string.Join(',', listed.Select(name => devices.ReplacePath(name, statement))), statement.AsSpan(members.Index + members.Length));
    }

    private static string WithoutComments(string statement) => Comment().Replace(statement, string.Empty);

    /// <summary>mdadm writes four words where blkid writes a UUID.</summary>
    private static string MdUuid(string uuid) => string.Join(':', uuid.Replace("-", string.Empty, StringComparison.Ordinal).Chunk(8).Select(word => new string(word)));

    /// <summary>A line that is no comment, with those that continue it.</summary>
    [GeneratedRegex(@"^[^\s#][^\n]*(?:\n[ \t]+[^\s#][^\n]*)*", RegexOptions.Multiline)]
    private static partial Regex Statement();

    [GeneratedRegex(@"^\w+")]
    private static partial Regex Keyword();

    [GeneratedRegex(@"\S+")]
    private static partial Regex Words();

    [GeneratedRegex(@"\s#[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+devices=(?<names>[^\s#]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Members();

    [GeneratedRegex(@"\s(?:uuid|name|super-minor)=\S", RegexOptions.IgnoreCase)]
    private static partial Regex Identity();
}
