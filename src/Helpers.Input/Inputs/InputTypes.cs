namespace Hyper2Kvm.Helpers.Input.Inputs;

/// <summary>The table of input types.</summary>
internal static class InputTypes
{
    /// <summary>All of them. A new one is a line here, a class, and an <c>ExecPathCommand</c> in the project file.</summary>
    public static IReadOnlyList<IInput> All { get; } = [new DiskInput(), new VmdkInput(), new VhdInput(), new VhdxInput(), new VdiInput()];

    /// <summary>The type of a name, or <see langword="null"/>.</summary>
    /// <param name="name">For example <c>vmdk</c>.</param>
    public static IInput? Find(string name) => All.FirstOrDefault(input => input.Name == name);
}
