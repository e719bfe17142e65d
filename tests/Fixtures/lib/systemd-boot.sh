# systemd-boot: bootctl and kernel-install of the guest, in its tree. Both want the ESP to be a file system of its own.

# install_systemd_boot ROOT : the loader and its entries (Boot Loader Specification, type 1) below /boot/efi.
install_systemd_boot() {
    mkdir -p "$1/boot/efi"
    unshare --mount "$FIXTURES/lib/run" install_on_esp "$1"
    rmdir "$1/boot/efi"
    mv "$1/boot/efi.made" "$1/boot/efi"
}

install_on_esp() {
    local root=$1 kernel version
    mount -t tmpfs none "$root/boot/efi"
    chroot "$root" env SYSTEMD_RELAX_ESP_CHECKS=1 bootctl install --esp-path=/boot/efi --no-variables --make-entry-directory=yes
    for kernel in "$root"/boot/vmlinuz-*; do
        version=${kernel##*/vmlinuz-}
        chroot "$root" kernel-install add "$version" "/boot/vmlinuz-$version" "/boot/initrd.img-$version"
    done
    cp --archive "$root/boot/efi" "$root/boot/efi.made"
}
