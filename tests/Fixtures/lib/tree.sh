# The tree of a guest: the base unpacked, its own packages installed, its configuration written.

# make_tree NAME BASE TREE
make_tree() {
    local name=$1 base=$2 tree=$3
    # This form of mmdebstrap starts from a tarball instead of packages; it still gives us proc, sys and dev in a mount
    # namespace that ends with it. Skipping the clean-up keeps what customize_tree decides.
    TMPDIR=$(dirname "$tree") mmdebstrap --mode="$MODE" --variant=custom --format=directory \
        --skip=setup,update,cleanup \
        --setup-hook="tar --extract --file='$base' --directory=\"\$1\" --numeric-owner --xattrs" \
        --customize-hook="'$FIXTURES/lib/run' customize_tree '$name' \"\$1\"" \
        '' "$tree"
}

# customize_tree NAME ROOT
customize_tree() {
    local name=$1 root=$2
    load_recipe "$name"
    install_packages "$root"
    install_files "$root" "$FIXTURES/files"
    install_files "$root" "$FIXTURES/guests/$name/files"
    set_password "$root"
    set_machine_id "$root"
    chroot "$root" systemctl --quiet enable fixture-report.service serial-getty@ttyS0.service
    mask_slow_units "$root"
    customize "$root"
    "make_${INITRAMFS:-initramfs_tools}" "$root"
    "install_${BOOTLOADER:-grub}" "$root"
    strip_build_traces "$root"
}

install_packages() {
    local root=$1
    cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
    # INITRD=No: the packages' own hooks make no initramfs, which would be made again.
    chroot "$root" env DEBIAN_FRONTEND=noninteractive INITRD=No apt-get --yes --quiet --purge install "${PACKAGES[@]}"
}

# install_files ROOT DIRECTORY : owned by root whoever checked them out; modes as git knows them (executable or not).
install_files() {
    tar --create --directory="$2" --owner=root:0 --group=root:0 --mode=u+w,go+rX,go-w . |
        tar --extract --directory="$1" --no-same-permissions --no-overwrite-dir
}

set_password() {
    printf 'root:%s\n' hyper2kvm | chroot "$1" chpasswd
}

# Fixed, not empty: with an empty one systemd takes the boot for the first and enables every unit's preset again.
set_machine_id() {
    printf '%s' "$NAME" | md5sum | cut -c1-32 > "$1/etc/machine-id"
}

# What a guest of a test needs not; under TCG each of these costs seconds of a boot.
mask_slow_units() {
    chroot "$1" systemctl --quiet mask \
        apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
        systemd-timesyncd.service systemd-pstore.service man-db.timer systemd-tmpfiles-clean.timer \
        systemd-journal-catalog-update.service systemd-update-utmp.service systemd-update-utmp-runlevel.service
}

# An image should not tell on which machine it was built, nor from which mirror.
strip_build_traces() {
    local root=$1
    chroot "$root" apt-get clean
    rm -rf "$root"/var/lib/apt/lists/* "$root"/etc/apt/sources.list.d/* "$root"/etc/apt/apt.conf.d/99mmdebstrap \
        "$root"/var/log/{apt,dpkg.log,alternatives.log,bootstrap.log} "$root"/var/cache/debconf/*-old "$root"/tmp/*
    printf '# A test guest installs nothing.\n' > "$root/etc/apt/sources.list"
    rm -f "$root/etc/resolv.conf"
    printf 'nameserver 192.0.2.1\n' > "$root/etc/resolv.conf"
    mkdir -p "$root/var/log/apt"
}
