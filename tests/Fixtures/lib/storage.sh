# Disks with LVM, md and LUKS on them, made by Debian's own tools in a machine under QEMU: the host's kernel may have no device
# mapper and no md, and its own volume groups are none of our business. See storage/make for what is on each.

storage_entry() {
    printf 'storage-%s\n' "$(recipe_hash guests/base storage lib/{base.sh,storage.sh})"
}

storage_machine_entry() {
    printf 'machine-%s\n' "$(recipe_hash guests/base storage/packages lib/base.sh)"
}

storage_directory() {
    cached "$(storage_entry)" build_storage
}

# build_storage_machine TARGET : makes TARGET/{kernel,initrd,root.ext4}, a Debian that runs what it finds on its second disk.
build_storage_machine() {
    local target=$1 base tree=$1/tree mebibytes
    base=$(base_tarball)
    TMPDIR=$target mmdebstrap --mode="$MODE" --variant=custom --format=directory \
        --skip=setup,update,cleanup \
        --setup-hook="tar --extract --file='$base' --directory=\"\$1\" --numeric-owner --xattrs" \
        --customize-hook="'$FIXTURES/lib/run' customize_storage_machine \"\$1\"" \
        '' "$tree"
    cp "$tree"/boot/vmlinuz-* "$target/kernel"
    cp "$tree"/boot/initrd.img-* "$target/initrd"
    mebibytes=$(du --summarize --block-size=1M "$tree" | cut -f1)
    mke2fs -q -F -t ext4 -d "$tree" "$target/root.ext4" $((mebibytes * 5 / 4 + 128))M
    rm -rf --one-file-system "$tree"
}

customize_storage_machine() {
    local root=$1 packages
    cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
    mapfile -t packages < <(grep -v '^#' "$FIXTURES/storage/packages")
    chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet install "${packages[@]}"
    rm "$root/usr/sbin/update-initramfs"
    chroot "$root" dpkg-divert --local --rename --remove /usr/sbin/update-initramfs
    sed -i 's/^FSTYPE=auto$/FSTYPE=ext4/' "$root/etc/initramfs-tools/initramfs.conf"
    # The machine boots from a plain file system: with their hooks, LVM and md would be looked for.
    rm -f "$root"/usr/share/initramfs-tools/hooks/{lvm2,mdadm,thin-provisioning-tools} "$root"/usr/share/initramfs-tools/scripts/*/{lvm2,mdadm}
    chroot "$root" update-initramfs -c -k all
    chroot "$root" apt-get clean
    # An init that ends is a kernel panic, and panic=-1 with -no-reboot ends QEMU: so does any error in the script.
    cat > "$root/fixture-init" << 'END'
#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
tr -d '\0' < /dev/vdb > /run/fixture
exec bash -eu /run/fixture
END
    chmod 0755 "$root/fixture-init"
}

# storage_disks : NAME.NUMBER MEBIBYTES TARGET of each disk; TARGET is its SCSI target, from 0.
storage_disks() {
    local name count size number target=0
    grep -v '^#' "$FIXTURES/storage/disks" | while read -r name count size; do
        for ((number = 0; number < count; number++)); do
            printf '%s.%s %s %s\n' "$name" "$number" "$size" "$target"
            target=$((target + 1))
        done
    done
}

# build_storage TARGET : makes TARGET/NAME.NUMBER.raw.zst
build_storage() {
    local target=$1 work=$1/work machine disk size place drives=()
    machine=$(FORCE='' cached "$(storage_machine_entry)" build_storage_machine)
    mkdir "$work"
    {
        cat "$FIXTURES/storage/begin"
        storage_disks | while read -r disk size place; do printf 'place %s %s\n' "$disk" "$place"; done
        cat "$FIXTURES/storage/make" "$FIXTURES/storage/end"
    } > "$work/script"
    truncate --size=1M "$work/script"
    while read -r disk size place; do
        truncate --size="${size}M" "$work/$disk.raw"
        drives+=(-drive "if=none,id=disk$place,format=raw,cache=unsafe,discard=unmap,detect-zeroes=unmap,file=$work/$disk.raw"
            -device "scsi-hd,drive=disk$place,bus=scsi0.0,channel=0,scsi-id=$place,lun=0")
    done < <(storage_disks)
    setpriv --pdeathsig KILL timeout 1800 setpriv --pdeathsig KILL \
        qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -nodefaults -no-user-config -no-reboot -display none \
        -kernel "$machine/kernel" -initrd "$machine/initrd" -snapshot \
        -append 'root=/dev/vda rw init=/fixture-init console=ttyS0 no_timer_check tsc=reliable quiet fastboot panic=-1' \
        -chardev "file,id=serial,path=$work/console" -serial chardev:serial \
        -drive "if=virtio,format=raw,cache=unsafe,file=$machine/root.ext4" \
        -drive "if=virtio,format=raw,readonly=on,file=$work/script" \
        -device virtio-scsi-pci,id=scsi0 "${drives[@]//,file=/,snapshot=off,file=}" < /dev/null
    cat "$work/console"
    grep --quiet '^FIXTURE-FILLED' "$work/console"
    for disk in "$work"/*.raw; do
        zstd --quiet -3 "$disk" -o "$target/$(basename "$disk").zst"
    done
    chmod 0444 "$target"/*.zst
    rm -rf --one-file-system "$work"
}
