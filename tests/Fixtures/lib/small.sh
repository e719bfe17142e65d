# The small guest: a cloud kernel and busybox on one disk of 256 MiB. It boots on IDE in seconds, and not on virtio before it was converted: its initramfs,
# laid out as initramfs-tools does, has the drivers of IDE disks only. Kernel and busybox are this host's packages, so it is made in a second.

readonly SMALL_MIB=256
readonly SMALL_UUID=1b3f5c0e-6a52-4a0e-9d3c-0a57f1c000f0
readonly SMALL_INITRAMFS_MODULES='ata_piix sd_mod'
readonly SMALL_MODULES="$SMALL_INITRAMFS_MODULES virtio_pci virtio_blk virtio_scsi virtio_net virtio_balloon virtio-rng virtio_console"

small_kernel() {
    (cd /lib/modules && for kernel in *-cloud-*; do [ ! -f "/boot/vmlinuz-$kernel" ] || printf '%s\n' "$kernel"; done) | sort -V | tail -n 1
}

small_entry() {
    printf "small-%s-%s\n" "$(recipe_hash lib/small.sh lib/disk.sh small-files)" "$(small_kernel | tr . _)"
}

small_directory() {
    cached "$(small_entry)" build_small
}

build_small() {
    local target=$1 work=$1/work kernel
    kernel=$(small_kernel)
    mkdir -p "$work/tree" "$work/initramfs"
    small_tree "$work/tree" "$kernel"
    small_initramfs "$work/initramfs" "$kernel" "$work/tree"
    small_disk "$work/tree" "$target/disk0.raw"
    chmod 0444 "$target/disk0.raw"
    rm -rf --one-file-system "$work"
}

small_tree() { # TREE KERNEL
    local tree=$1 kernel=$2
    mkdir -p "$tree"/{bin,sbin,dev,proc,sys,run,tmp,root,var/log,var/run,etc/network/if-{pre-up,up,down,post-down}.d,boot/grub,etc,lib/modules}
    cp -r "$FIXTURES/small-files/." "$tree/"
    small_busybox "$tree"
    cp "/boot/vmlinuz-$kernel" "/boot/config-$kernel" "$tree/boot/"
    small_modules "$tree" "$kernel" $SMALL_MODULES
    sed -e "s/@KERNEL@/$kernel/g" -e "s/@UUID@/$SMALL_UUID/g" "$FIXTURES/small-files/boot/grub/grub.cfg" > "$tree/boot/grub/grub.cfg"
    mkdir "$tree/boot/grub/i386-pc"
    cp /usr/lib/grub/i386-pc/{*.mod,*.lst,boot.img} "$tree/boot/grub/i386-pc/"
    grub-mkimage -O i386-pc -o "$tree/boot/grub/i386-pc/core.img" -p '(,msdos1)/boot/grub' biosdisk part_msdos ext2
}

small_busybox() { # TREE
    install -m 0755 /usr/bin/busybox "$1/bin/busybox"
    local applet
    for applet in $(/usr/bin/busybox --list); do
        [ "$applet" = busybox ] || ln -sf /bin/busybox "$1/bin/$applet"
    done
    ln -sf /bin/busybox "$1/sbin/init"
}

# small_modules TREE KERNEL MODULE... : these, what they need, and the lists of all that belong to them.
small_modules() {
    local tree=$1 kernel=$2 module
    shift 2
    mkdir -p "$tree/lib/modules/$kernel"
    cp "/lib/modules/$kernel"/modules.{builtin,builtin.modinfo,order} "$tree/lib/modules/$kernel/"
    modprobe --all --ignore-install --show-depends --set-version "$kernel" "$@" | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u | while read -r module; do
        install -D -m 0644 "$module" "$tree$module"
    done
    depmod --basedir "$tree" "$kernel"
}

small_initramfs() { # DIRECTORY KERNEL TREE
    local directory=$1 kernel=$2
    mkdir -p "$directory"/{bin,sbin,conf,scripts,dev,proc,sys,run,root,etc}
    small_busybox "$directory"
    install -m 0755 "$FIXTURES/small-files/etc/initramfs-tools/init" "$directory/init"
    printf '%s\n' $SMALL_INITRAMFS_MODULES > "$directory/conf/modules"
    printf 'MODULES=list\nCOMPRESS=gzip\n' > "$directory/conf/initramfs.conf"
    : > "$directory/scripts/functions"
    small_modules "$directory" "$kernel" $SMALL_INITRAMFS_MODULES
    (cd "$directory" && find . -print0 | LC_ALL=C sort -z | cpio --quiet --null --create --format=newc --owner=0:0 | gzip -1) > "$3/boot/initrd.img-$kernel"
}

small_disk() { # TREE IMAGE
    new_disk "$2" $SMALL_MIB << END
label: dos
label-id: 0xf1c000f0
start=1MiB, size=$((SMALL_MIB - 1))MiB, type=83, bootable
END
    embed_grub "$2" "$1" 1
    make_ext4 "$2" 1 $((SMALL_MIB - 1)) "$SMALL_UUID" "$1"
}
