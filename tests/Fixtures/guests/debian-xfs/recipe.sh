# BIOS on a GPT disk (GRUB's core in a BIOS boot partition), /boot of its own on ext4, root on xfs, ifupdown.

NAME=debian-xfs
FIRMWARE=bios
PACKAGES=(grub-pc xfsprogs)

PARTITION_MAP=gpt
ROOT_DEVICE=/dev/sda3 ROOT_FS=xfs ROOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00022
BOOT_DEVICE=/dev/sda2 BOOT_FS=ext2 BOOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00021 BOOT_HINT=hd0,gpt2
BOOT_IS_SEPARATE=yes
GRUB_PREFIX=/grub

customize() {
    local root=$1
    sed -i -e 's/^COMPRESS=.*/COMPRESS=xz/' -e 's/^# COMPRESSLEVEL=.*/COMPRESSLEVEL=1/' "$root/etc/initramfs-tools/initramfs.conf"
    printf 'grub-pc grub-pc/install_devices multiselect /dev/sda\n' | chroot "$root" debconf-set-selections
}

assemble() {
    local tree=$1 target=$2 size=2048 boot=256
    new_disk "$target/disk0.raw" $size << END
label: gpt
label-id: f1c00001-6a52-4a0e-9d3c-0a57f1c00020
start=1MiB, size=1MiB, type=21686148-6449-6E6F-744E-656564454649
start=2MiB, size=${boot}MiB, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4
start=$((boot + 2))MiB, size=$((size - boot - 3))MiB, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4
END
    embed_grub "$target/disk0.raw" "$tree" $MIB_SECTORS
    make_ext4 "$target/disk0.raw" 2 $boot "$BOOT_UUID" "$tree/boot"
    fill_in_guest "$tree" "$target/disk0.raw" fill
}
