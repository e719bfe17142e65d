using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Running;

namespace Hyper2Kvm.Daemon.Tests.Running;

/// <summary>Real control groups of this host, version 1 or 2.</summary>
public sealed class JobCgroupTests
{
    private static string Id => $"job-{Guid.NewGuid().ToString("N")[..12]}";

    [Fact]
    public void A_job_that_takes_too_much_memory_is_killed_alone_and_known()
    {
        using var group = JobCgroup.Make(Id, new JobLimits { MemoryMax = 32 << 20 });

        var killed = CommandRunner.Run(group.Confine(new Command("sh", "-c", "x=$(head -c 200000000 /dev/zero | tr '\\0' a); echo ${#x}")));

        killed.Succeeded.Should().BeFalse();
        group.RanOutOfMemory.Should().BeTrue();
        CommandRunner.Run(group.Confine(new Command("true"))).Succeeded.Should().BeTrue("a small one may go on");
    }

    [Fact]
    public void All_children_of_a_job_are_in_its_group_and_the_group_goes_with_it()
    {
        var id = Id;
        using (var group = JobCgroup.Make(id, new JobLimits { TasksMax = 100, CpuQuota = 50 }))
        {
            var seen = CommandRunner.Run(group.Confine(new Command("sh", "-c", "cat /proc/self/cgroup; echo \"$1\"", "sh", "an argument")));

            seen.OutputText.Should().Contain(id).And.EndWith("an argument\n");
        }

        Directory.EnumerateDirectories("/sys/fs/cgroup", id, new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 6 }).Should().BeEmpty();
    }

    [Fact]
    public void Without_limits_there_is_no_group()
    {
        using var group = JobCgroup.Make(Id, new JobLimits());
        var command = new Command("true");

        group.Confine(command).Should().BeSameAs(command);
    }
}
