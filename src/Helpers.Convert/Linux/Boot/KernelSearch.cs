using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Finds the kernels of a guest by their files, whatever package owns them.</summary>
internal static partial class KernelSearch
{
    private const string ImagePrefix = "vmlinuz-";
    private const long LargestIndex = 64 * 1024 * 1024;

    /// <summary>The installed kernels, newest first.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="plan">Where warnings about half-installed kernels go.</param>
    /// <exception cref="StepException">There is none (<see cref="ErrorCodes.ConvertKernel"/>).</exception>
    public static IReadOnlyList<InstalledKernel> Find(IGuestFiles files, StepPlan plan)
    {
        var kernels = new List<InstalledKernel>();
        foreach (var image in files.List("/boot").Where(name => name.StartsWith(ImagePrefix, StringComparison.Ordinal)))
        {
            var version = image[ImagePrefix.Length..];
            if (!files.HasFile($"/boot/{image}") || !Release().IsMatch(version))
                continue;
            if (Open(files, version) is { } kernel)
                kernels.Add(kernel);
            else
                plan.Warn($"the kernel {version} has no modules.dep under /lib/modules and was left alone", $"/boot/{image}", "Run depmod, or remove the left-over kernel image.");
        }

        return kernels.Count > 0
            ? [.. kernels.OrderByDescending(kernel => kernel.Version, NaturalOrder.Instance)]
            : throw new StepException(ErrorCodes.ConvertKernel, "no kernel was found: /boot has no vmlinuz-VERSION with its modules in /lib/modules/VERSION");
    }

    private static InstalledKernel? Open(IGuestFiles files, string version)
    {
        var directory = new[] { $"/lib/modules/{version}", $"/usr/lib/modules/{version}" }
            .FirstOrDefault(candidate => files.HasFile($"{candidate}/modules.dep"));
        return directory is null
            ? null
            : new InstalledKernel(version, $"/boot/{ImagePrefix}{version}", directory, KernelModules.Parse(
                Index(files, $"{directory}/modules.dep"),
                Index(files, $"{directory}/modules.builtin"),
                Index(files, $"{directory}/modules.softdep")))
            {
                InitramfsPath = InitramfsFile.PathFor(files, version),
            };
    }

    private static string Index(IGuestFiles files, string path)
        => files.HasFile(path) ? System.Text.Encoding.Latin1.GetString(files.ReadBounded(path, LargestIndex)) : string.Empty;

    /// <summary>A release as kernels have it: it becomes part of paths and of depmod's arguments.</summary>
    [GeneratedRegex(@"^[0-9][A-Za-z0-9._+~-]*(?<!\.old)$")]
    private static partial Regex Release();
}
