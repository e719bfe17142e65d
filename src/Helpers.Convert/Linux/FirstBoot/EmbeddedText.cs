using System.Text;

namespace Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;

/// <summary>Scripts and units that are put into a guest: files of this project, beside the code that uses them.</summary>
internal static class EmbeddedText
{
    /// <summary>Reads one.</summary>
    /// <param name="name">Its file name.</param>
    public static string Read(string name)
    {
        using var stream = typeof(EmbeddedText).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded");
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
