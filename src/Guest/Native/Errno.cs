namespace Hyper2Kvm.Guest.Native;

/// <summary>The error numbers of Linux that this project tells apart (asm-generic/errno.h; the same on x86-64 and arm64).</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Io = 5;
    public const int NoDeviceOrAddress = 6;
    public const int Again = 11;
    public const int AccessDenied = 13;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int NoDevice = 19;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int NoSpace = 28;
    public const int ReadOnly = 30;
    public const int Range = 34;
    public const int TooManyLinks = 40;
    public const int NoData = 61;
    public const int BadMessage = 74;
    public const int NotSupported = 95;
    public const int ConnectionAborted = 103;
    public const int NotConnected = 107;
    public const int NeedsCleaning = 117;
    public const int QuotaExceeded = 122;
}
