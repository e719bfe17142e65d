using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Helpers.Output.Qemu;

/// <summary>The channel of the QEMU guest agent (QEMU docs, "QEMU Guest Agent"), as the libvirt domain has it: a port of virtio-serial in the guest, a socket beside the script.</summary>
internal static class QemuAgent
{
    /// <summary>Most bytes of a socket's path without the zero behind it (unix(7), sun_path).</summary>
    private const int LongestPath = 107;

    /// <summary>Shell code that puts the port with its socket before the further arguments; QEMU would not start where it cannot make the socket.</summary>
    public static string Socket => $$"""

        # The guest agent answers here, for example: socat - UNIX-CONNECT:NAME.agent, then {"execute":"guest-info"}
        agent=$here/$name.agent
        if [ -w "$here" ] && [ "$(printf %s "$agent" | wc -c)" -le {{LongestPath}} ]; then
            set -- -chardev "socket,id=agent0,path=$(printf %s "$agent" | sed 's/,/,,/g'),server=on,wait=off" \
                -device virtserialport,chardev=agent0,name=org.qemu.guest_agent.0 "$@"
        else
            echo "$0: no socket can be made as $agent (a path of at most {{LongestPath}} bytes, in a folder that may be written); the guest agent cannot be reached" >&2
        fi

        """;

    /// <summary>Arguments of QEMU, as lines of the script.</summary>
    /// <param name="can">What the guest can drive.</param>
    public static IEnumerable<string> Arguments(GuestCapabilities can) => [$"-device virtio-serial-pci{QemuScript.Transitional(can)}"];
}
