using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary>Files of this host that customisations name.</summary>
internal static class HostFile
{
    /// <summary>All of a file is held in memory until it is in the guest.</summary>
    private const long Largest = 256 * 1024 * 1024;

    private const int BufferBytes = 1024 * 1024;

    /// <summary>Reads the file of an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <exception cref="StepException">It is missing, unreadable or too large (<see cref="ErrorCodes.ConvertCustomise"/>).</exception>
    public static byte[] Read(JobCustomisation operation)
    {
        var option = $"--{operation.Action}";
        var path = operation.File ?? throw new StepException(ErrorCodes.ConvertCustomise, $"{option} names no file");
        try
        {
            using var file = File.OpenRead(path);
            using var content = new MemoryStream();
            var buffer = new byte[BufferBytes];
            for (int count; (count = file.Read(buffer)) > 0;)
            {
                content.Write(buffer, 0, count);

                // The length of a device or pipe is known at its end only.
                if (content.Length > Largest)
                    throw new StepException(ErrorCodes.ConvertCustomise, $"{option}: {path} is longer than {Largest >> 20} MiB", "Copy it into the guest once that runs.");
            }

            return content.ToArray();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new StepException(ErrorCodes.ConvertCustomise, $"{option}: {path} cannot be read: {unreadable.Message}", "Check its path and that this user may read it.", unreadable);
        }
    }
}
