# The initramfs of a guest, by the guest's own tool in its tree. The base deferred it to here: see guests/base/defer-initramfs.

make_initramfs_tools() {
    local root=$1
    end_deferral "$root"
    # The fsck hook cannot ask a root device that does not exist yet, so it is told for the moment.
    sed -i "s/^FSTYPE=auto$/FSTYPE=${ROOT_FS/ext2/ext4}/" "$root/etc/initramfs-tools/initramfs.conf"
    chroot "$root" update-initramfs -c -k all
    sed -i "s/^FSTYPE=.*/FSTYPE=auto/" "$root/etc/initramfs-tools/initramfs.conf"
}

# As `dracut --hostonly` makes it on the machine itself. Here it would find the hardware of the build host, and turn itself off where something is not
# mounted: so DRACUT_DRIVERS has the drivers that it would have found, /sys is empty, and what asks for the hypervisor is left out.
make_dracut() {
    end_deferral "$1"
    unshare --mount "$FIXTURES/lib/run" run_dracut "$1" "${DRACUT_DRIVERS[*]}"
}

run_dracut() { # ROOT DRIVERS
    local root=$1 kernel version
    mount -t tmpfs none "$root/sys"
    mount -t tmpfs none "$root/run"
    mount --rbind "$root/dev" "$root/dev"
    for kernel in "$root"/boot/vmlinuz-*; do
        version=${kernel##*/vmlinuz-}
        chroot "$root" dracut --hostonly --hostonly-mode strict --no-hostonly-cmdline --omit 'qemu virtfs virtiofs' --drivers "$2" \
            --gzip --force "/boot/initrd.img-$version" "$version"
    done
}

end_deferral() {
    rm "$1/usr/sbin/update-initramfs"
    chroot "$1" dpkg-divert --local --rename --remove /usr/sbin/update-initramfs
}

# initramfs_files TREE : what is in its initramfs, for a recipe to check.
initramfs_files() {
    (cd "$1" && for image in boot/initrd.img-*; do chroot . "$([ -e usr/bin/lsinitramfs ] && echo lsinitramfs || echo lsinitrd)" "/$image"; done)
}

# refuse_virtio TREE : for guests whose initramfs must not have what their conversion shall put there.
refuse_virtio() {
    if initramfs_files "$1" | grep -E '/virtio[^/]*\.ko'; then
        printf 'the initramfs has virtio drivers, which is what this guest must not have\n' >&2
        return 1
    fi
}
