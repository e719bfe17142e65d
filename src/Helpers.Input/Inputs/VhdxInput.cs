using Hyper2Kvm.Helpers.Input.Images;

namespace Hyper2Kvm.Helpers.Input.Inputs;

/// <summary>Disks of Hyper-V.</summary>
internal sealed class VhdxInput : IInput
{
    /// <inheritdoc/>
    public string Name => "vhdx";

    /// <inheritdoc/>
    public string Description => "Serves VHDX disks (fixed and dynamic).";

    /// <inheritdoc/>
    public InputPlan Prepare(InputRequest request) => ImageFiles.Prepare(request, ImageFiles.Only(ImageFormats.Vhdx, request));
}
