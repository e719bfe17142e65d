# A guest as VMware leaves it: names of SCSI disks everywhere, a static address on VMware's card, VMware's tools, and an
# initramfs that was made for that hardware alone, so it cannot find its root on virtio. BIOS, MBR, ext4, swap, a data disk.

NAME=debian-novirtio
FIRMWARE=bios
PACKAGES=(grub-pc open-vm-tools)

PARTITION_MAP=msdos
ROOT_DEVICE=/dev/sda1 ROOT_FS=ext2 ROOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00001
BOOT_DEVICE=/dev/sda1 BOOT_FS=ext2 BOOT_UUID=$ROOT_UUID BOOT_HINT=hd0,msdos1
GRUB_PREFIX=/boot/grub
SWAP_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00002
DATA_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00003

customize() {
    local root=$1
    mkdir -p "$root/data"
    sed -i -e 's/^MODULES=.*/MODULES=list/' -e 's/^COMPRESS=.*/COMPRESS=zstd/' "$root/etc/initramfs-tools/initramfs.conf"
    printf 'grub-pc grub-pc/install_devices multiselect /dev/sda\n' | chroot "$root" debconf-set-selections
    chroot "$root" systemctl --quiet enable open-vm-tools.service vgauth.service
}

assemble() {
    local tree=$1 target=$2 size=2304 swap=128
    refuse_virtio "$tree"
    new_disk "$target/disk0.raw" $size << END
label: dos
label-id: 0xf1c0d001
start=1MiB, size=$((size - swap - 1))MiB, type=83, bootable
type=82
END
    embed_grub "$target/disk0.raw" "$tree" 1
    make_ext4 "$target/disk0.raw" 1 $((size - swap - 1)) "$ROOT_UUID" "$tree"
    make_swap "$target/disk0.raw" $((size - swap)) $swap "$SWAP_UUID"

    new_disk "$target/disk1.raw" 256 << END
label: dos
label-id: 0xf1c0d002
start=1MiB, type=83
END
    mkdir "$tree.data"
    printf 'debian-novirtio data\n' > "$tree.data/marker"
    make_ext4 "$target/disk1.raw" 1 255 "$DATA_UUID" "$tree.data"
}
