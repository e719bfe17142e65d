# BIOS, MBR, root on btrfs in subvolumes @, @home and @var as other distributions lay it out, with @ the default subvolume (what a mount without
# an option shows, instead of the top level); ifupdown with a file of interfaces.d.

NAME=debian-btrfs
FIRMWARE=bios
PACKAGES=(grub-pc btrfs-progs)

PARTITION_MAP=msdos
ROOT_DEVICE=/dev/sda1 ROOT_FS=btrfs ROOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00031
BOOT_DEVICE=/dev/sda1 BOOT_FS=btrfs BOOT_UUID=$ROOT_UUID BOOT_HINT=hd0,msdos1
ROOT_SUBVOLUME=@
GRUB_PREFIX=/@/boot/grub

customize() {
    local root=$1
    sed -i 's/^COMPRESS=.*/COMPRESS=lz4/' "$root/etc/initramfs-tools/initramfs.conf"
    printf 'grub-pc grub-pc/install_devices multiselect /dev/sda\n' | chroot "$root" debconf-set-selections
    printf 'debian-btrfs home\n' > "$root/home/marker"
}

assemble() {
    local tree=$1 target=$2 size=2048
    new_disk "$target/disk0.raw" $size << END
label: dos
label-id: 0xf1c0d003
start=1MiB, type=83, bootable
END
    embed_grub "$target/disk0.raw" "$tree" 1
    fill_in_guest "$tree" "$target/disk0.raw" fill
}
