# UEFI with its loader named by an NVRAM that does not come along: a directory of Debian on the EFI system partition and nothing at the path that firmware
# falls back to. GPT, root on ext4, names by UUID, systemd-networkd instead of ifupdown, an initramfs with every driver.

NAME=debian-uefi
FIRMWARE=uefi
PACKAGES=(grub-efi-amd64 dosfstools ifupdown-)

PARTITION_MAP=gpt
ROOT_DEVICE=/dev/sda2 ROOT_FS=ext2 ROOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00011
BOOT_DEVICE=/dev/sda2 BOOT_FS=ext2 BOOT_UUID=$ROOT_UUID BOOT_HINT=hd0,gpt2
GRUB_PREFIX=/boot/grub

customize() {
    local root=$1
    sed -i 's/^COMPRESS=.*/COMPRESS=gzip/' "$root/etc/initramfs-tools/initramfs.conf"
    chroot "$root" systemctl --quiet enable systemd-networkd.service
}

assemble() {
    local tree=$1 target=$2 size=2048 esp=64
    mv "$tree/boot/efi" "$tree.efi"
    mkdir -m 0700 "$tree/boot/efi"
    rm -r "$tree.efi/EFI/BOOT"
    new_disk "$target/disk0.raw" $size << END
label: gpt
label-id: f1c00001-6a52-4a0e-9d3c-0a57f1c00010
start=1MiB, size=${esp}MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
start=$((esp + 1))MiB, size=$((size - esp - 2))MiB, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4
END
    make_esp "$target/disk0.raw" 1 $esp F1C00011 "$tree.efi"
    make_ext4 "$target/disk0.raw" $((esp + 1)) $((size - esp - 2)) "$ROOT_UUID" "$tree"
}
