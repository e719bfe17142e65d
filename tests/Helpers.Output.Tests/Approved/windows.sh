#!/bin/sh
# Starts a guest that hyper2kvm VERSION made. Further arguments go to QEMU, for example
#   -snapshot                          write nothing to the disks
#   -display none -serial mon:stdio    no window, the guest's serial console here
# ACCEL=tcg emulates where KVM is there but does not work.
set -eu

name='Büro & <Kasse>'
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
# In an option of QEMU a comma is written twice.
there=$(printf %s "$here" | sed 's/,/,,/g')

# UEFI firmware of this host. The guest keeps its variables (boot entries) in a file of its own.
code=
for pair in \
    /usr/share/OVMF/OVMF_CODE_4M.secboot.fd:/usr/share/OVMF/OVMF_VARS_4M.ms.fd \
    /usr/share/edk2/ovmf/OVMF_CODE.secboot.fd:/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd \
    /usr/share/OVMF/OVMF_CODE.secboot.fd:/usr/share/OVMF/OVMF_VARS.ms.fd \
    /usr/share/qemu/ovmf-x86_64-smm-ms-code.bin:/usr/share/qemu/ovmf-x86_64-smm-ms-vars.bin
do
    if [ -f "${pair%%:*}" ] && [ -f "${pair#*:}" ]; then
        code=${pair%%:*} template=${pair#*:}
        break
    fi
done
if [ -z "$code" ]; then
    echo "$0: no UEFI firmware with secure boot found; on Debian: apt-get install ovmf" >&2
    exit 1
fi
vars=$here/${name}_VARS.fd
if ! [ -f "$vars" ]; then
    cp -- "$template" "$vars.new"
    mv -- "$vars.new" "$vars"
fi
vars=$(printf %s "$vars" | sed 's/,/,,/g')

# The guest agent answers here, for example: socat - UNIX-CONNECT:NAME.agent, then {"execute":"guest-info"}
agent=$here/$name.agent
if [ -w "$here" ] && [ "$(printf %s "$agent" | wc -c)" -le 107 ]; then
    set -- -chardev "socket,id=agent0,path=$(printf %s "$agent" | sed 's/,/,,/g'),server=on,wait=off" \
        -device virtserialport,chardev=agent0,name=org.qemu.guest_agent.0 "$@"
else
    echo "$0: no socket can be made as $agent (a path of at most 107 bytes, in a folder that may be written); the guest agent cannot be reached" >&2
fi

exec qemu-system-x86_64 \
    -name guest='Büro & <Kasse>' \
    -machine q35,accel="${ACCEL:-kvm:tcg}",smm=on \
    -cpu max \
    -smp cpus=8,sockets=2,cores=4,threads=1 \
    -m 4096M \
    -uuid 564d1c9f-0b1e-4d5a-9a60-0a1b2c3d4e5f \
    -device vmgenid,guid=12345678-9abc-def0-1234-56789abcdef0 \
    -rtc base=localtime \
    -global driver=cfi.pflash01,property=secure,value=on \
    -drive if=pflash,unit=0,format=raw,readonly=on,file="$code" \
    -drive if=pflash,unit=1,format=raw,file="$vars" \
    -device virtio-scsi-pci,id=scsi0 \
    -drive if=none,id=disk0,format=qcow2,discard=unmap,file="$there/Büro & <Kasse>-sda" \
    -device scsi-hd,bus=scsi0.0,drive=disk0,bootindex=1 \
    -drive if=none,id=disk1,format=qcow2,discard=unmap,file="$there/Büro & <Kasse>-sdb" \
    -device scsi-hd,bus=scsi0.0,drive=disk1,bootindex=2 \
    -device ide-cd,bus=ide.0 \
    -netdev user,id=net0 \
    -device virtio-net-pci,netdev=net0,mac=00:50:56:aa:bb:01 \
    -netdev user,id=net1 \
    -device e1000,netdev=net1,mac=00:50:56:aa:bb:02 \
    -device virtio-serial-pci \
    -vga std \
    -device qemu-xhci \
    -device usb-tablet \
    -object rng-random,id=rng0,filename=/dev/urandom -device virtio-rng-pci,rng=rng0 \
    -device virtio-balloon-pci \
    -device pvpanic \
    "$@"
