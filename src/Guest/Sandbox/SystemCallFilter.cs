using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Hyper2Kvm.Guest.Sandbox;

/// <summary>The seccomp filter of the sandbox (seccomp(2), Documentation/userspace-api/seccomp_filter.rst), as classic BPF.</summary>
/// <remarks>
/// It takes away what no maker of an initramfs needs and exploits of the kernel begin with: namespaces and mounts (with them all capabilities would come back, in a user namespace of its own),
/// BPF, io_uring, keys, tracing, and sockets of other families than the usual ones: those of AF_VSOCK reach the hypervisor, whatever the network namespace.
/// </remarks>
internal static class SystemCallFilter
{
    private const uint Allow = 0x7FFF_0000; // SECCOMP_RET_ALLOW
    private const uint Kill = 0x8000_0000; // SECCOMP_RET_KILL_PROCESS
    private const uint Refuse = 0x0005_0001; // SECCOMP_RET_ERRNO, EPERM
    private const uint Unknown = 0x0005_0026; // SECCOMP_RET_ERRNO, ENOSYS: libc takes another call then

    private const ushort Load = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfNotLess = 0x35; // BPF_JGE
    private const ushort JumpIfAny = 0x45; // BPF_JSET
    private const ushort Return = 0x06;

    private const uint Number = 0; // struct seccomp_data
    private const uint Machine = 4;
    private const uint FirstArgument = 16;

    private const uint X32 = 0x4000_0000; // __X32_SYSCALL_BIT
    private const uint NewNamespaces = 0x7E02_0080; // CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
    private const uint Clone3 = 435;

    /// <summary>AF_UNIX, AF_INET, AF_INET6, AF_NETLINK.</summary>
    private static readonly uint[] Families = [1, 2, 10, 16];

    /// <summary>Calls that have one number everywhere: io_uring_setup, _enter, _register; open_tree, move_mount, fsopen, fsconfig, fsmount, fspick; mount_setattr.</summary>
    private static readonly uint[] Common = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442];

    private static readonly Table X64 = new(0xC000_003E, 56, 41,
    [
        101, 310, 311, // ptrace, process_vm_readv, process_vm_writev
        165, 166, 155, 272, 308, // mount, umount2, pivot_root, unshare, setns
        321, 298, 250, 248, 249, 323, // bpf, perf_event_open, keyctl, add_key, request_key, userfaultfd
        246, 320, 175, 313, 176, 169, 167, 168, // kexec_load, kexec_file_load, init_module, finit_module, delete_module, reboot, swapon, swapoff
        163, 103, 164, 227, 159, 305, 179, // acct, syslog, settimeofday, clock_settime, adjtimex, clock_adjtime, quotactl
        303, 304, 300, 172, 173, // name_to_handle_at, open_by_handle_at, fanotify_init, iopl, ioperm
    ]);

    private static readonly Table Arm64 = new(0xC000_00B7, 220, 198,
    [
        117, 270, 271,
        40, 39, 41, 97, 268,
        280, 241, 219, 217, 218, 282,
        104, 294, 105, 273, 106, 142, 224, 225,
        89, 116, 170, 112, 171, 266, 60,
        264, 265, 262,
    ]);

    /// <summary>The program for this host; <see langword="null"/> for a machine whose numbers are not known here.</summary>
    public static byte[]? Program() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => Program(X64),
        Architecture.Arm64 => Program(Arm64),
        _ => null,
    };

    private static byte[] Program(Table machine)
    {
        var code = new List<Instruction>
        {
            // Programs of another machine have other numbers.
            new(Load, 0, 0, Machine), new(JumpIfEqual, 1, 0, machine.Name), new(Return, 0, 0, Kill),
            new(Load, 0, 0, Number), new(JumpIfNotLess, 0, 1, X32), new(Return, 0, 0, Unknown),
            new(JumpIfEqual, 0, 1, Clone3), new(Return, 0, 0, Unknown),
        };
        foreach (var number in machine.Refused.Concat(Common))
        {
            code.AddRange([new(JumpIfEqual, 0, 1, number), new(Return, 0, 0, Refuse)]);
        }

        code.AddRange([new(JumpIfEqual, 0, 4, machine.Fork), new(Load, 0, 0, FirstArgument), new(JumpIfAny, 0, 1, NewNamespaces), new(Return, 0, 0, Refuse), new(Return, 0, 0, Allow)]);
        code.AddRange([new(JumpIfEqual, 1, 0, machine.Socket), new(Return, 0, 0, Allow), new(Load, 0, 0, FirstArgument)]);
        foreach (var family in Families)
        {
            code.AddRange([new(JumpIfEqual, 0, 1, family), new(Return, 0, 0, Allow)]);
        }

        code.Add(new(Return, 0, 0, Refuse));
        return [.. code.SelectMany(Bytes)];
    }

    /// <summary>struct sock_filter, in the byte order of both machines.</summary>
    private static byte[] Bytes(Instruction instruction)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, instruction.Code);
        (bytes[2], bytes[3]) = (instruction.IfTrue, instruction.IfFalse);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), instruction.Operand);
        return bytes;
    }

    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

    /// <summary>A machine: its AUDIT_ARCH value and numbers of system calls.</summary>
    private sealed record Table(uint Name, uint Fork, uint Socket, uint[] Refused);
}
