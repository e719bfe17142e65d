using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Images;

namespace Hyper2Kvm.Helpers.Input.Inputs;

/// <summary>The option <c>-io reader=own|qemu</c>: who inflates a stream-optimised VMDK. Without it: we, where we can.</summary>
/// <param name="Reader">What was asked for; <see langword="null"/> for nothing.</param>
internal sealed record StreamReaderOption(string? Reader)
{
    private const string Key = "reader";
    private const string Own = "own";
    private const string Qemu = "qemu";

    /// <summary>Reads it.</summary>
    /// <param name="options">All options of the input.</param>
    /// <exception cref="StepException">There is another option, or another value (<see cref="ErrorCodes.Usage"/>).</exception>
    public static StreamReaderOption Read(IReadOnlyDictionary<string, string> options)
    {
        if (options.Keys.FirstOrDefault(key => key != Key) is { } unknown)
        {
            throw new StepException(ErrorCodes.Usage, $"-io {unknown} is not an option of this input type", $"Known: {Key}={Own}|{Qemu}.");
        }

        return options.GetValueOrDefault(Key) is var reader && reader is null or Own or Qemu
            ? new StreamReaderOption(reader)
            : throw new StepException(ErrorCodes.Usage, $"-io {Key}={reader} is not known", $"Known: {Key}={Own}|{Qemu}.");
    }

    /// <summary>The disk as it is to be served.</summary>
    /// <param name="image">The disk.</param>
    /// <exception cref="StepException">Our own reader was asked for, and does not read it.</exception>
    public DiskImage Apply(DiskImage image) => Reader switch
    {
        Qemu => image with { Stream = null },
        Own when image.Stream is null => throw new StepException(ErrorCodes.InputUnsupported, $"{image.Path} is not a stream-optimised VMDK: -io {Key}={Own} does not go with it", $"Leave -io {Key} out."),
        _ => image,
    };
}
