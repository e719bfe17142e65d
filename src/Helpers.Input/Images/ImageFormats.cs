using Hyper2Kvm.Helpers.Input.Images.Vmdk;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>The table of image formats.</summary>
internal static class ImageFormats
{
    /// <summary>Raw.</summary>
    public static IImageFormat Raw { get; } = new RawFormat();

    /// <summary>QEMU's.</summary>
    public static IImageFormat Qcow2 { get; } = new Qcow2Format();

    /// <summary>VMware's.</summary>
    public static IImageFormat Vmdk { get; } = new VmdkFormat();

    /// <summary>Virtual PC's.</summary>
    public static IImageFormat Vhd { get; } = new VhdFormat();

    /// <summary>Hyper-V's.</summary>
    public static IImageFormat Vhdx { get; } = new VhdxFormat();

    /// <summary>VirtualBox's.</summary>
    public static IImageFormat Vdi { get; } = new VdiFormat();

    /// <summary>All of them; VHD late, because a fixed one is known by its last sector only.</summary>
    public static IReadOnlyList<IImageFormat> All { get; } = [Qcow2, Vmdk, Vhdx, Vdi, Vhd, Raw];

    /// <summary>The format of a name, or <see langword="null"/>.</summary>
    /// <param name="name">QEMU's name, or <c>vhd</c>, which QEMU calls <c>vpc</c>.</param>
    public static IImageFormat? Find(string name) => name == "vhd" ? Vhd : All.FirstOrDefault(format => format.Name == name);

    /// <summary>The format of a file by its mark; raw where it has none.</summary>
    /// <param name="file">The file.</param>
    /// <remarks>QEMU is never asked to guess: it would follow what it believes to have found.</remarks>
    public static IImageFormat Detect(SourceFile file) => All.FirstOrDefault(format => format.Recognises(file)) ?? Raw;
}
