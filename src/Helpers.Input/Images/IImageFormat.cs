namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>One format of disk images.</summary>
internal interface IImageFormat
{
    /// <summary>QEMU's name, which is also what <c>-if</c> takes.</summary>
    string Name { get; }

    /// <summary>For messages, with an article: "a VMDK disk".</summary>
    string Title { get; }

    /// <summary>Whether a file bears this format's mark.</summary>
    /// <param name="file">The file.</param>
    bool Recognises(SourceFile file);

    /// <summary>Reads and checks the headers.</summary>
    /// <param name="file">A file that bears the mark.</param>
    /// <exception cref="Core.Errors.StepException">It is damaged, truncated, or uses what is not supported.</exception>
    DiskImage Read(SourceFile file);

    /// <summary>What to do where a file was taken for this format and is not; <see langword="null"/>: nothing special.</summary>
    /// <param name="file">The file.</param>
    string? MistakeHint(SourceFile file) => null;
}
