using Hyper2Kvm.Helpers.Input.Images;

namespace Hyper2Kvm.Helpers.Input.Inputs;

/// <summary>Disks of Virtual PC and older Hyper-V.</summary>
internal sealed class VhdInput : IInput
{
    /// <inheritdoc/>
    public string Name => "vhd";

    /// <inheritdoc/>
    public string Description => "Serves VHD disks (fixed and dynamic).";

    /// <inheritdoc/>
    public InputPlan Prepare(InputRequest request) => ImageFiles.Prepare(request, ImageFiles.Only(ImageFormats.Vhd, request));
}
