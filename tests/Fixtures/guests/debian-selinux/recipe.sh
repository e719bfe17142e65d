# SELinux, enforcing, with Debian's policy: every file has the label that the policy says, put on at the end of the build. BIOS, MBR, ext4, ifupdown.

NAME=debian-selinux
FIRMWARE=bios
PACKAGES=(grub-pc selinux-policy-default selinux-utils policycoreutils)

PARTITION_MAP=msdos
ROOT_DEVICE=/dev/sda1 ROOT_FS=ext2 ROOT_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c000b1
BOOT_DEVICE=/dev/sda1 BOOT_FS=ext2 BOOT_UUID=$ROOT_UUID BOOT_HINT=hd0,msdos1
GRUB_PREFIX=/boot/grub

customize() {
    local root=$1
    printf 'grub-pc grub-pc/install_devices multiselect /dev/sda\n' | chroot "$root" debconf-set-selections
}

assemble() {
    local tree=$1 target=$2 size=2048
    # -m: the host need not have SELinux, whose mounts say so. It reaches files through /proc/self/fd.
    unshare --mount sh -euc 'mount --bind /proc "$1/proc"; chroot "$1" setfiles -m -F -e /proc /etc/selinux/default/contexts/files/file_contexts /' sh "$tree"
    new_disk "$target/disk0.raw" $size << END
label: dos
label-id: 0xf1c0d0b0
start=1MiB, type=83, bootable
END
    embed_grub "$target/disk0.raw" "$tree" 1
    make_ext4 "$target/disk0.raw" 1 $((size - 1)) "$ROOT_UUID" "$tree"
}
