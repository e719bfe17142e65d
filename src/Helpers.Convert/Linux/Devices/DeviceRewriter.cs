namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>Replaces device names found in one file, and says once for each what could not be replaced.</summary>
/// <param name="names">The translation.</param>
/// <param name="path">The file, for messages.</param>
/// <param name="plan">Where warnings go.</param>
internal sealed class DeviceRewriter(VolumeNames names, string path, StepPlan plan)
{
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    /// <summary>The name to write instead of another; the same where it need not or cannot change.</summary>
    /// <param name="name">What the file has.</param>
    /// <param name="line">The line, for messages.</param>
    /// <param name="byContent">Whether the content's UUID may be used.</param>
    public string Replace(string name, string line, bool byContent = true) => Find(name, line, byContent)?.Specification ?? name;

    /// <summary>The path to write instead of another, where <c>UUID=</c> is not understood; the same where it need not or cannot change.</summary>
    /// <param name="name">What the file has.</param>
    /// <param name="line">The line, for messages.</param>
    /// <param name="byContent">Whether the content's UUID may be used.</param>
    public string ReplacePath(string name, string line, bool byContent = true) => Find(name, line, byContent)?.Path ?? name;

    /// <summary>The name that the target's kernel gives a disk; the same where it need not or cannot change.</summary>
    /// <param name="name">What the file has.</param>
    /// <param name="line">The line, for messages.</param>
    public string ReplaceDisk(string name, string line)
    {
        if (!VolumeNames.IsControllerName(name))
            return name;
        if (names.OnTarget(name) is { } found)
            return found;
        SayMissing(name, line);
        return name;
    }

    private VolumeName? Find(string name, string line, bool byContent)
    {
        if (!VolumeNames.IsControllerName(name))
            return null;
        if (names.Translate(name, byContent) is not { } found)
        {
            SayMissing(name, line);
            return null;
        }

        if (!found.IsStable)
        {
            Say(name, $"{name} has no UUID and is called {found.Specification} from now on, which holds only while the disks keep their order: {line.Trim()}", null);
        }

        return found;
    }

    private void SayMissing(string name, string line)
    {
        if (names.IsVague(name))
            Say(name, $"{name} does not tell which of the guest's disks is meant; the line was left as it is: {line.Trim()}", "Name the volume by UUID in the guest.");
        else
            Say(name, $"no volume of this guest is {name}; the line was left as it is: {line.Trim()}", "Name the missing disk of the guest too, or correct the line in the guest.");
    }

    private void Say(string name, string message, string? hint)
    {
        if (_said.Add(name))
            plan.Warn(message, path, hint);
    }
}
