# BIOS, MBR, the layout of Debian's installer with "use LVM" on a machine that got a second disk later: /boot is a partition, root a logical
# volume that goes on over the second disk (a physical volume without a table), data is striped over both. udev's names in fstab.

NAME=debian-lvm
FIRMWARE=bios
PACKAGES=(grub-pc lvm2 ifupdown)

PARTITION_MAP=msdos
ROOT_DEVICE=/dev/mapper/debian--vg-root ROOT_FS=ext4 ROOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00052
BOOT_DEVICE=/dev/sda1 BOOT_FS=ext2 BOOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00051 BOOT_HINT=hd0,msdos1
BOOT_IS_SEPARATE=yes
GRUB_PREFIX=/grub

customize() {
    local root=$1
    sed -i 's/^COMPRESS=.*/COMPRESS=zstd/' "$root/etc/initramfs-tools/initramfs.conf"
    printf 'grub-pc grub-pc/install_devices multiselect /dev/sda\n' | chroot "$root" debconf-set-selections
    mkdir "$root/data"
}

# Both disks are filled in one image, one behind the other: the machine of lib/fill.sh has one.
assemble() {
    local tree=$1 target=$2 size=2048 boot=256 second=512 both=$2/both
    new_disk "$target/disk0.raw" $size << END
label: dos
label-id: 0xf1c0d005
start=1MiB, size=${boot}MiB, type=83, bootable
start=$((boot + 1))MiB, type=8e
END
    embed_grub "$target/disk0.raw" "$tree" 1
    make_ext4 "$target/disk0.raw" 1 $boot "$BOOT_UUID" "$tree/boot"
    cp --sparse=always "$target/disk0.raw" "$both"
    truncate --size=$((size + second))M "$both"
    fill_in_guest "$tree" "$both" fill
    dd if="$both" of="$target/disk0.raw" bs=1M count=$size conv=notrunc,sparse status=none
    dd if="$both" of="$target/disk1.raw" bs=1M skip=$size conv=sparse status=none
    truncate --size=${second}M "$target/disk1.raw"
    rm "$both"
}
