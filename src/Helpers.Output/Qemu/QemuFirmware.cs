using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Helpers.Output.Qemu;

/// <summary>The UEFI part of the script: finds the host's build of EDK II, and gives the guest variables of its own.</summary>
internal static class QemuFirmware
{
    /// <summary>Code and empty variables where distributions have them: Debian, Fedora and RHEL, openSUSE, Arch; 4 MB builds first, both files of one build.</summary>
    private static readonly string[] Plain =
    [
        "/usr/share/OVMF/OVMF_CODE_4M.fd:/usr/share/OVMF/OVMF_VARS_4M.fd",
        "/usr/share/edk2/ovmf/OVMF_CODE.fd:/usr/share/edk2/ovmf/OVMF_VARS.fd",
        "/usr/share/OVMF/OVMF_CODE.fd:/usr/share/OVMF/OVMF_VARS.fd",
        "/usr/share/qemu/ovmf-x86_64-code.bin:/usr/share/qemu/ovmf-x86_64-vars.bin",
        "/usr/share/edk2/x64/OVMF_CODE.4m.fd:/usr/share/edk2/x64/OVMF_VARS.4m.fd",
    ];

    private static readonly string[] Secure =
    [
        "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd:/usr/share/OVMF/OVMF_VARS_4M.ms.fd",
        "/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd:/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd",
        "/usr/share/OVMF/OVMF_CODE.secboot.fd:/usr/share/OVMF/OVMF_VARS.ms.fd",
        "/usr/share/qemu/ovmf-x86_64-smm-ms-code.bin:/usr/share/qemu/ovmf-x86_64-smm-ms-vars.bin",
    ];

    private static readonly string[] Arm =
    [
        "/usr/share/AAVMF/AAVMF_CODE.fd:/usr/share/AAVMF/AAVMF_VARS.fd",
        "/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw:/usr/share/edk2/aarch64/vars-template-pflash.raw",
    ];

    /// <summary>Shell code that sets <c>code</c> and <c>vars</c>.</summary>
    /// <param name="guest">The guest.</param>
    public static string Lookup(TargetMetadata guest)
    {
        var candidates = guest.Capabilities.Architecture == "aarch64" ? Arm : guest.SecureBoot ? Secure : Plain;
        return $$"""

            # UEFI firmware of this host. The guest keeps its variables (boot entries) in a file of its own.
            code=
            for pair in \
            {{string.Join(" \\\n", candidates.Select(pair => "    " + pair))}}
            do
                if [ -f "${pair%%:*}" ] && [ -f "${pair#*:}" ]; then
                    code=${pair%%:*} template=${pair#*:}
                    break
                fi
            done
            if [ -z "$code" ]; then
                echo "$0: no UEFI firmware{{(guest.SecureBoot ? " with secure boot" : string.Empty)}} found; on Debian: apt-get install {{(guest.Capabilities.Architecture == "aarch64" ? "qemu-efi-aarch64" : "ovmf")}}" >&2
                exit 1
            fi
            vars=$here/${name}_VARS.fd
            if ! [ -f "$vars" ]; then
                cp -- "$template" "$vars.new"
                mv -- "$vars.new" "$vars"
            fi
            vars=$(printf %s "$vars" | sed 's/,/,,/g')

            """;
    }

    /// <summary>Arguments of QEMU, as lines of the script.</summary>
    /// <param name="guest">The guest.</param>
    public static IEnumerable<string> Arguments(TargetMetadata guest)
    {
        if (guest.SecureBoot)
        {
            // Only system management mode may write the variables (OVMF README, "SMM support").
            yield return "-global driver=cfi.pflash01,property=secure,value=on";
        }

        yield return "-drive if=pflash,unit=0,format=raw,readonly=on,file=\"$code\"";
        yield return "-drive if=pflash,unit=1,format=raw,file=\"$vars\"";
    }
}
