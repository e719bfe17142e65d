# An initramfs of dracut that was made for the machine it ran on (host-only, as on Fedora and its kin), so without virtio: the most common reason
# for which a guest does not boot after its move. BIOS, MBR, ext4; names by UUID, so only the driver is missing.

NAME=debian-dracut
FIRMWARE=bios
PACKAGES=(grub-pc dracut initramfs-tools- initramfs-tools-core-)

INITRAMFS=dracut
DRACUT_DRIVERS=(mptspi mptsas vmw_pvscsi ata_piix ata_generic ahci sym53c8xx sd_mod sr_mod crc32c_generic ext4)

PARTITION_MAP=msdos
ROOT_DEVICE=/dev/sda1 ROOT_FS=ext2 ROOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00061
BOOT_DEVICE=/dev/sda1 BOOT_FS=ext2 BOOT_UUID=$ROOT_UUID BOOT_HINT=hd0,msdos1
GRUB_PREFIX=/boot/grub

customize() {
    printf 'grub-pc grub-pc/install_devices multiselect /dev/sda\n' | chroot "$1" debconf-set-selections
}

assemble() {
    local tree=$1 target=$2 size=1536
    refuse_virtio "$tree"
    new_disk "$target/disk0.raw" $size << END
label: dos
label-id: 0xf1c0d006
start=1MiB, type=83, bootable
END
    embed_grub "$target/disk0.raw" "$tree" 1
    make_ext4 "$target/disk0.raw" 1 $((size - 1)) "$ROOT_UUID" "$tree"
}
