using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Helpers.Output.Tests.Support;

/// <summary>Text that a person has looked at and found right: <c>Approved/NAME</c>. HYPER2KVM_APPROVE=1 writes what is there now, to be looked at in the diff.</summary>
internal static class Approved
{
    /// <summary>Holds a text to its approved form; the version of the product is left out.</summary>
    public static void Check(string name, string text)
    {
        var path = Path.Combine(Repository.Root, "tests", typeof(Approved).Assembly.GetName().Name!["Hyper2Kvm.".Length..], "Approved", name);
        var received = text.Replace($"hyper2kvm {ProductVersion.Text}", "hyper2kvm VERSION");
        if (Environment.GetEnvironmentVariable("HYPER2KVM_APPROVE") == "1")
        {
            File.WriteAllText(path, received);
        }

        received.Should().Be(File.ReadAllText(path), $"that is what {path} has");
    }
}
