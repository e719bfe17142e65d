# UEFI with systemd-boot: kernels, initramfs and entries lie on the ESP, where kernel-install put them. An entry in the NVRAM of its old machine names the
# loader, and nothing is at the path that firmware falls back to (bootctl's copy was removed): without that NVRAM it does not boot.

NAME=debian-sdboot
FIRMWARE=uefi
PACKAGES=(systemd-boot dosfstools grub-common- ifupdown-)

BOOTLOADER=systemd_boot
ROOT_FS=ext4 ROOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00081

customize() {
    local root=$1
    sed -i 's/^COMPRESS=.*/COMPRESS=zstd/' "$root/etc/initramfs-tools/initramfs.conf"
    chroot "$root" systemctl --quiet enable systemd-networkd.service
}

assemble() {
    local tree=$1 target=$2 size=1536 esp=256
    mv "$tree/boot/efi" "$tree.efi"
    mkdir -m 0700 "$tree/boot/efi"
    rm -r "$tree.efi/EFI/BOOT"
    new_disk "$target/disk0.raw" $size << END
label: gpt
label-id: f1c00001-6a52-4a0e-9d3c-0a57f1c00080
start=1MiB, size=${esp}MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
start=$((esp + 1))MiB, size=$((size - esp - 2))MiB, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4
END
    make_esp "$target/disk0.raw" 1 $esp F1C00081 "$tree.efi"
    make_ext4 "$target/disk0.raw" $((esp + 1)) $((size - esp - 2)) "$ROOT_UUID" "$tree"
}
