namespace Hyper2Kvm.Nbd;

/// <summary>The error values of proto.md, "Error values". They are the errno values of Linux.</summary>
public static class NbdErrno
{
    /// <summary>NBD_EPERM: operation not permitted (the export is read-only).</summary>
    public const int NotPermitted = 1;

    /// <summary>NBD_EIO: input/output error.</summary>
    public const int InputOutput = 5;

    /// <summary>NBD_ENOMEM: the server is out of memory.</summary>
    public const int NoMemory = 12;

    /// <summary>NBD_EINVAL: the request is invalid.</summary>
    public const int Invalid = 22;

    /// <summary>NBD_ENOSPC: no space left on the device.</summary>
    public const int NoSpace = 28;

    /// <summary>NBD_EOVERFLOW: a read with DF that the server cannot answer in one chunk.</summary>
    public const int Overflow = 75;

    /// <summary>NBD_ENOTSUP: not supported (for instance NBD_CMD_FLAG_FAST_ZERO).</summary>
    public const int NotSupported = 95;

    /// <summary>NBD_ESHUTDOWN: the server is going down.</summary>
    public const int Shutdown = 108;

    /// <summary>The name of a value, as errno(3) writes it.</summary>
    /// <param name="errno">An error value of a reply.</param>
    public static string Name(int errno) => errno switch
    {
        NotPermitted => "EPERM",
        InputOutput => "EIO",
        NoMemory => "ENOMEM",
        Invalid => "EINVAL",
        NoSpace => "ENOSPC",
        Overflow => "EOVERFLOW",
        NotSupported => "ENOTSUP",
        Shutdown => "ESHUTDOWN",
        _ => $"error {errno}",
    };
}
