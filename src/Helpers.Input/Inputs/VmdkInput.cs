using Hyper2Kvm.Helpers.Input.Images;

namespace Hyper2Kvm.Helpers.Input.Inputs;

/// <summary>Disks of VMware: a descriptor with its extents, or one sparse or stream-optimised file.</summary>
internal sealed class VmdkInput : IInput
{
    /// <inheritdoc/>
    public string Name => "vmdk";

    /// <inheritdoc/>
    public string Description => "Serves VMware disks (VMDK: monolithic or split, sparse or flat, stream-optimised, with or without snapshots).";

    /// <inheritdoc/>
    public InputPlan Prepare(InputRequest request) => ImageFiles.Prepare(request, ImageFiles.Only(ImageFormats.Vmdk, request));
}
