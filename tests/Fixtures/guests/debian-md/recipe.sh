# BIOS, MBR, two disks that mirror each other (md RAID 1, metadata 1.2): /dev/md0 is /boot, which GRUB reads as an array, /dev/md1 the root.
# GRUB is on both disks.

NAME=debian-md
FIRMWARE=bios
PACKAGES=(grub-pc mdadm)

PARTITION_MAP=msdos
ROOT_DEVICE=/dev/md1 ROOT_FS=ext4 ROOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c000a2
BOOT_DEVICE=/dev/md0 BOOT_FS=ext2 BOOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c000a1
BOOT_ABSTRACTION=mdraid1x BOOT_HINT=mduuid/1b3f5c0e6a524a0e9d3c0a57f1c000a3
BOOT_IS_SEPARATE=yes
GRUB_PREFIX=/grub

customize() {
    local root=$1
    sed -i 's/^COMPRESS=.*/COMPRESS=zstd/' "$root/etc/initramfs-tools/initramfs.conf"
    printf 'grub-pc grub-pc/install_devices multiselect /dev/sda, /dev/sdb\n' | chroot "$root" debconf-set-selections
}

# The arrays are made in the machine, which has md; what is on them is written here, into both copies, behind md's own MiB.
assemble() {
    local tree=$1 target=$2 boot=256 root=1280 disk start size
    for disk in 0 1; do
        new_disk "$target/disk$disk.raw" $((boot + root + 4)) << END
label: dos
label-id: 0xf1c0d00a
start=1MiB, size=$((boot + 1))MiB, type=fd, bootable
start=$((boot + 2))MiB, size=$((root + 1))MiB, type=fd
END
        embed_grub "$target/disk$disk.raw" "$tree" 1
    done
    fill_in_machine mirror "$target/disk0.raw" "$target/disk1.raw"
    make_ext4 "$target/disk0.raw" 2 $boot "$BOOT_UUID" "$tree/boot"
    find "$tree/boot" -mindepth 1 -delete
    make_ext4 "$target/disk0.raw" $((boot + 3)) $root "$ROOT_UUID" "$tree"
    while read -r start size; do
        dd if="$target/disk0.raw" of="$target/disk1.raw" bs=1M skip="$start" seek="$start" count="$size" conv=notrunc,sparse status=none
    done <<< "2 $boot"$'\n'"$((boot + 3)) $root"
}
