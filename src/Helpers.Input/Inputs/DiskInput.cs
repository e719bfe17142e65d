using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Images;

namespace Hyper2Kvm.Helpers.Input.Inputs;

/// <summary>Disk images of any known format, and block devices.</summary>
internal sealed class DiskInput : IInput
{
    /// <inheritdoc/>
    public string Name => "disk";

    /// <inheritdoc/>
    public string Description => "Serves disk images (raw, qcow2 and the formats of the other inputs) and block devices.";

    /// <inheritdoc/>
    public InputPlan Prepare(InputRequest request)
    {
        if (request.Format is null)
        {
            return ImageFiles.Prepare(request, ImageFormats.Detect);
        }

        var format = ImageFormats.Find(request.Format)
            ?? throw new StepException(ErrorCodes.Usage, $"-if {request.Format} is not a known format", $"Known: {string.Join(", ", ImageFormats.All.Select(known => known.Name))}.");

        // Raw has no mark of its own: said to be raw, it is raw, whatever its first bytes look like.
        return ImageFiles.Prepare(request, format is RawFormat ? _ => format : ImageFiles.Only(format, request));
    }
}
