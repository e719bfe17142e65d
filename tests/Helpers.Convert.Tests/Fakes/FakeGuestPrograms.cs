using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>In the place of a guest's programs: does to its files what a test says.</summary>
internal sealed class FakeGuestPrograms : IGuestPrograms
{
    public List<GuestProgram> Ran { get; } = [];

    public Action Does { get; set; } = () => { };

    public GuestProgramResult Ends { get; set; } = new(0, TimeSpan.FromSeconds(1.5), [], TimedOut: false);

    public void Require(IReadOnlyList<string> writable)
    {
    }

    public GuestProgramResult Run(GuestProgram program, CancellationToken cancel)
    {
        Ran.Add(program);
        Does();
        return Ends;
    }
}
