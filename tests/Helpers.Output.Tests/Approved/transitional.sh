#!/bin/sh
# Starts a guest that hyper2kvm VERSION made. Further arguments go to QEMU, for example
#   -snapshot                          write nothing to the disks
#   -display none -serial mon:stdio    no window, the guest's serial console here
# ACCEL=tcg emulates where KVM is there but does not work.
set -eu

name=transitional
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
# In an option of QEMU a comma is written twice.
there=$(printf %s "$here" | sed 's/,/,,/g')

# UEFI firmware of this host. The guest keeps its variables (boot entries) in a file of its own.
code=
for pair in \
    /usr/share/OVMF/OVMF_CODE_4M.fd:/usr/share/OVMF/OVMF_VARS_4M.fd \
    /usr/share/edk2/ovmf/OVMF_CODE.fd:/usr/share/edk2/ovmf/OVMF_VARS.fd \
    /usr/share/OVMF/OVMF_CODE.fd:/usr/share/OVMF/OVMF_VARS.fd \
    /usr/share/qemu/ovmf-x86_64-code.bin:/usr/share/qemu/ovmf-x86_64-vars.bin \
    /usr/share/edk2/x64/OVMF_CODE.4m.fd:/usr/share/edk2/x64/OVMF_VARS.4m.fd
do
    if [ -f "${pair%%:*}" ] && [ -f "${pair#*:}" ]; then
        code=${pair%%:*} template=${pair#*:}
        break
    fi
done
if [ -z "$code" ]; then
    echo "$0: no UEFI firmware found; on Debian: apt-get install ovmf" >&2
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
    -name guest=transitional \
    -machine q35,accel="${ACCEL:-kvm:tcg}" \
    -cpu max \
    -smp 2 \
    -m 1024M \
    -uuid 564d1c9f-0b1e-4d5a-9a60-0a1b2c3d4e5f \
    -rtc base=utc \
    -drive if=pflash,unit=0,format=raw,readonly=on,file="$code" \
    -drive if=pflash,unit=1,format=raw,file="$vars" \
    -device virtio-scsi-pci-transitional,id=scsi0 \
    -drive if=none,id=disk0,format=raw,file="$there/transitional-sda" \
    -device virtio-blk-pci-transitional,drive=disk0,bootindex=1 \
    -drive if=none,id=disk1,format=raw,file="$there/transitional-sdb" \
    -device scsi-hd,bus=scsi0.0,drive=disk1 \
    -drive if=none,id=disk2,format=raw,file="$there/transitional-sdc" \
    -device ide-hd,bus=ide.0,drive=disk2 \
    -netdev user,id=net0 \
    -device virtio-net-pci-transitional,netdev=net0,mac=00:50:56:aa:bb:cc \
    -device virtio-serial-pci-transitional \
    -vga std \
    -device qemu-xhci \
    -device usb-tablet \
    -object rng-random,id=rng0,filename=/dev/urandom -device virtio-rng-pci-transitional,rng=rng0 \
    -device virtio-balloon-pci-transitional \
    "$@"
