# BIOS, MBR with logical partitions: /boot and /usr of their own. Two kernels, the full one and that for clouds, which is GRUB's first and drives
# virtio, IDE and VMware's paravirtual SCSI, but no other controller. cloud-init's netplan file binds the card by its MAC.

NAME=debian-usr
FIRMWARE=bios
PACKAGES=(grub-pc linux-image-cloud-amd64 netplan.io ifupdown-)

PARTITION_MAP=msdos
ROOT_DEVICE=/dev/sda5 ROOT_FS=ext4 ROOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00092
BOOT_DEVICE=/dev/sda1 BOOT_FS=ext2 BOOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00091 BOOT_HINT=hd0,msdos1
BOOT_IS_SEPARATE=yes
GRUB_PREFIX=/grub
USR_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c00093

customize() {
    local root=$1
    sed -i 's/^COMPRESS=.*/COMPRESS=lz4/' "$root/etc/initramfs-tools/initramfs.conf"
    printf 'grub-pc grub-pc/install_devices multiselect /dev/sda\n' | chroot "$root" debconf-set-selections
    chmod 0600 "$root/etc/netplan/50-cloud-init.yaml"
    chroot "$root" systemctl --quiet enable systemd-networkd.service
}

assemble() {
    local tree=$1 target=$2 boot=256 root=384 usr=1280
    new_disk "$target/disk0.raw" $((boot + root + usr + 4)) << END
label: dos
label-id: 0xf1c0d009
start=1MiB, size=${boot}MiB, type=83, bootable
start=$((boot + 1))MiB, type=5
start=$((boot + 2))MiB, size=${root}MiB, type=83
start=$((boot + root + 3))MiB, size=${usr}MiB, type=83
END
    embed_grub "$target/disk0.raw" "$tree" 1
    make_ext4 "$target/disk0.raw" 1 $boot "$BOOT_UUID" "$tree/boot"
    make_ext4 "$target/disk0.raw" $((boot + root + 3)) $usr "$USR_UUID" "$tree/usr"
    find "$tree/boot" "$tree/usr" -mindepth 1 -delete
    make_ext4 "$target/disk0.raw" $((boot + 2)) $root "$ROOT_UUID" "$tree"
}
