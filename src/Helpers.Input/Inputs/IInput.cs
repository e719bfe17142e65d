namespace Hyper2Kvm.Helpers.Input.Inputs;

/// <summary>One input type: where a guest comes from (<c>-i</c>).</summary>
internal interface IInput
{
    /// <summary>Name, as in <c>input-NAME</c>.</summary>
    string Name { get; }

    /// <summary>What it reads, one sentence for the help.</summary>
    string Description { get; }

    /// <summary>Looks at the source, without changing anything and before any server is started.</summary>
    /// <param name="request">The source.</param>
    /// <returns>The machine and its disks.</returns>
    /// <exception cref="Core.Errors.StepException">The source is missing, damaged, in use, or of another kind.</exception>
    InputPlan Prepare(InputRequest request);
}
