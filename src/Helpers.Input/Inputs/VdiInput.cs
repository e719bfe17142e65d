using Hyper2Kvm.Helpers.Input.Images;

namespace Hyper2Kvm.Helpers.Input.Inputs;

/// <summary>Disks of VirtualBox.</summary>
internal sealed class VdiInput : IInput
{
    /// <inheritdoc/>
    public string Name => "vdi";

    /// <inheritdoc/>
    public string Description => "Serves VirtualBox disks (VDI, fixed and dynamic).";

    /// <inheritdoc/>
    public InputPlan Prepare(InputRequest request) => ImageFiles.Prepare(request, ImageFiles.Only(ImageFormats.Vdi, request));
}
