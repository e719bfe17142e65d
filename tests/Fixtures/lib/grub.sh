# GRUB, without grub-install and grub-probe, which look for block devices: the real grub-mkconfig runs in the tree with a
# stand-in for grub-probe that answers from the recipe; grub-mkimage makes the core; lib/disk.sh writes it into the image.

# install_grub ROOT : /boot/grub as grub-install and update-grub would have left it.
install_grub() {
    local root=$1 tool
    export ROOT_DEVICE ROOT_UUID ROOT_FS BOOT_DEVICE BOOT_UUID BOOT_FS BOOT_HINT BOOT_ABSTRACTION BOOT_IS_SEPARATE ROOT_SUBVOLUME PARTITION_MAP
    for tool in usr/sbin/grub-probe usr/bin/grub-mkrelpath; do
        mv "$root/$tool" "$root/$tool.real"
        install -m 0755 "$FIXTURES/lib/grub-probe" "$root/$tool"
    done
    mkdir -p "$root/dev/disk/by-uuid" "$root/boot/grub/fonts"
    touch "$root/dev/disk/by-uuid/$ROOT_UUID" # 10_linux writes root=UUID= only if it finds this

    cp "$root/usr/share/grub/unicode.pf2" "$root/boot/grub/fonts/"
    chroot "$root" grub-editenv /boot/grub/grubenv create
    chroot "$root" grub-mkconfig -o /boot/grub/grub.cfg

    rm -r "$root/dev/disk"
    for tool in usr/sbin/grub-probe usr/bin/grub-mkrelpath; do
        mv "$root/$tool.real" "$root/$tool"
    done
    "grub_core_$FIRMWARE" "$root"
}

grub_core_bios() {
    local root=$1
    mkdir -p "$root/boot/grub/i386-pc"
    cp "$root"/usr/lib/grub/i386-pc/{*.mod,*.lst,boot.img} "$root/boot/grub/i386-pc/"
    # The prefix names no disk: GRUB takes the one that it was read from. An array has a name of its own.
    local device=${BOOT_HINT/#hd0,/,}
    chroot "$root" grub-mkimage -O i386-pc -o /boot/grub/i386-pc/core.img -p "($device)$GRUB_PREFIX" \
        biosdisk "part_$PARTITION_MAP" ${BOOT_ABSTRACTION:-} "$BOOT_FS"
}

# As grub-install does: a core that knows only its own small grub.cfg on the ESP, which finds the real one by UUID.
grub_core_uefi() {
    local root=$1 esp=$1/boot/efi/EFI
    mkdir -p "$root/boot/grub/x86_64-efi" "$esp/debian" "$esp/BOOT"
    cp "$root"/usr/lib/grub/x86_64-efi/{*.mod,*.lst} "$root/boot/grub/x86_64-efi/"
    printf 'search.fs_uuid %s root\nset prefix=($root)%s\nconfigfile $prefix/grub.cfg\n' "$BOOT_UUID" "'$GRUB_PREFIX'" \
        > "$esp/debian/grub.cfg"
    chroot "$root" grub-mkimage -O x86_64-efi -o /boot/efi/EFI/debian/grubx64.efi -p /EFI/debian \
        "part_$PARTITION_MAP" fat "$BOOT_FS" search search_fs_uuid normal configfile echo linux test all_video
    cp "$esp/debian/grubx64.efi" "$esp/BOOT/BOOTX64.EFI"
}
