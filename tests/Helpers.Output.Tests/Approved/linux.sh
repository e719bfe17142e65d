#!/bin/sh
# Starts a guest that hyper2kvm VERSION made. Further arguments go to QEMU, for example
#   -snapshot                          write nothing to the disks
#   -display none -serial mon:stdio    no window, the guest's serial console here
# ACCEL=tcg emulates where KVM is there but does not work.
set -eu

name=web
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
    -name guest=web \
    -machine q35,accel="${ACCEL:-kvm:tcg}" \
    -cpu max \
    -smp 2 \
    -m 1024M \
    -uuid 564d1c9f-0b1e-4d5a-9a60-0a1b2c3d4e5f \
    -rtc base=utc \
    -drive if=none,id=disk0,format=raw,file="$there/web-sda" \
    -device virtio-blk-pci,drive=disk0,bootindex=1,serial=6000c29d \
    -drive if=none,id=disk1,format=raw,file="$there/web-sdb" \
    -device virtio-blk-pci,drive=disk1 \
    -netdev user,id=net0 \
    -device virtio-net-pci,netdev=net0,mac=00:50:56:aa:bb:cc \
    -device virtio-serial-pci \
    -vga virtio \
    -device qemu-xhci \
    -device usb-tablet \
    -object rng-random,id=rng0,filename=/dev/urandom -device virtio-rng-pci,rng=rng0 \
    -device virtio-balloon-pci \
    "$@"
