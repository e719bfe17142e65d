#!/bin/sh
# Starts a guest that hyper2kvm VERSION made. Further arguments go to QEMU, for example
#   -snapshot                          write nothing to the disks
#   -display none -serial mon:stdio    no window, the guest's serial console here
# ACCEL=tcg emulates where KVM is there but does not work.
set -eu

name=old
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
# In an option of QEMU a comma is written twice.
there=$(printf %s "$here" | sed 's/,/,,/g')

# The guest agent answers here, for example: socat - UNIX-CONNECT:NAME.agent, then {"execute":"guest-info"}
agent=$here/$name.agent
if [ -w "$here" ] && [ "$(printf %s "$agent" | wc -c)" -le 107 ]; then
    set -- -chardev "socket,id=agent0,path=$(printf %s "$agent" | sed 's/,/,,/g'),server=on,wait=off" \
        -device virtserialport,chardev=agent0,name=org.qemu.guest_agent.0 "$@"
else
    echo "$0: no socket can be made as $agent (a path of at most 107 bytes, in a folder that may be written); the guest agent cannot be reached" >&2
fi

exec qemu-system-x86_64 \
    -name guest=old \
    -machine pc,accel="${ACCEL:-kvm:tcg}" \
    -cpu max \
    -smp 1 \
    -m 1024M \
    -rtc base=utc \
    -drive if=none,id=disk0,format=raw,file="$there/old-sda" \
    -device ide-hd,bus=ide.0,unit=0,drive=disk0,bootindex=1 \
    -device ide-cd,bus=ide.0,unit=1 \
    -device floppy \
    -netdev user,id=net0 \
    -device rtl8139,netdev=net0,mac=00:50:56:aa:bb:03 \
    -device virtio-serial-pci \
    -vga std \
    -device qemu-xhci \
    -device usb-tablet \
    "$@"
