# BIOS, MBR, the layout of Debian's installer with "encrypted LVM": /boot is a partition, the logical partition behind it is LUKS2, in which a
# volume group holds root and swap. A key file in the initramfs unlocks it at boot, so no hand has to type; its --key is in fixture.json.

NAME=debian-luks
FIRMWARE=bios
PACKAGES=(grub-pc lvm2 cryptsetup-initramfs)

PARTITION_MAP=msdos
ROOT_DEVICE=/dev/mapper/debian--vg-root ROOT_FS=ext4 ROOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00072
BOOT_DEVICE=/dev/sda1 BOOT_FS=ext2 BOOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00071 BOOT_HINT=hd0,msdos1
BOOT_IS_SEPARATE=yes
GRUB_PREFIX=/grub

customize() {
    local root=$1
    sed -i 's/^COMPRESS=.*/COMPRESS=zstd/' "$root/etc/initramfs-tools/initramfs.conf"
    printf 'grub-pc grub-pc/install_devices multiselect /dev/sda\n' | chroot "$root" debconf-set-selections
    mkdir -m 0700 "$root/etc/keys"
    printf fixture-key > "$root/etc/keys/root.key"
    chmod 0400 "$root/etc/keys/root.key"
}

assemble() {
    local tree=$1 target=$2 size=1792 boot=256
    if ! initramfs_files "$tree" | grep '^cryptroot/keyfiles/sda5_crypt.key$' > /dev/null; then
        printf 'the initramfs has no key: nothing would unlock this guest\n' >&2
        return 1
    fi
    new_disk "$target/disk0.raw" $size << END
label: dos
label-id: 0xf1c0d007
start=1MiB, size=${boot}MiB, type=83, bootable
start=$((boot + 1))MiB, type=5
start=$((boot + 2))MiB, type=83
END
    embed_grub "$target/disk0.raw" "$tree" 1
    make_ext4 "$target/disk0.raw" 1 $boot "$BOOT_UUID" "$tree/boot"
    find "$tree/boot" -mindepth 1 -delete
    make_ext4 "$target/root" 0 1408 "$ROOT_UUID" "$tree"
    fill_in_machine encrypt "$target/disk0.raw" "$target/root"
    rm "$target/root"
}
