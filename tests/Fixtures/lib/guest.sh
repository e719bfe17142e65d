# A guest: guests/NAME/recipe.sh says what it is (variables) and has two functions:
#   customize ROOT       changes the tree, from inside mmdebstrap's chroot environment (proc, sys and dev are there)
#   assemble TREE TARGET makes TARGET/disk*.raw of the finished tree
# INITRAMFS (initramfs_tools, dracut) and BOOTLOADER (grub, systemd_boot) name the functions of lib/ that make these; the first is the default.
# guests/NAME/files is copied over the tree, after files/ of all guests.

guest_names() {
    (cd "$FIXTURES/guests" && for recipe in */recipe.sh; do dirname "$recipe"; done)
}

guest_entry() {
    printf '%s-%s\n' "$1" "$(recipe_hash guests/base "guests/$1" files storage/{packages,end} lib/{base.sh,disk.sh,fill-init,fill.sh,grub.sh,grub-probe,guest.sh,initramfs.sh,systemd-boot.sh,tree.sh})"
}

guest_directory() {
    if [ ! -f "$FIXTURES/guests/$1/recipe.sh" ]; then
        printf 'fixtures: no guest is called %s; there are: %s\n' "$1" "$(guest_names | paste -sd' ')" >&2
        return 2
    fi
    cached "$(guest_entry "$1")" build_guest "$1"
}

# load_recipe NAME : the variables and functions of a recipe, in this shell.
load_recipe() {
    . "$FIXTURES/guests/$1/recipe.sh"
}

# build_guest NAME TARGET
build_guest() {
    local name=$1 target=$2 base work
    load_recipe "$name"
    base=$(base_tarball)
    work=$target/work
    mkdir "$work"
    make_tree "$name" "$base" "$work/tree"
    assemble "$work/tree" "$target"
    cp "$FIXTURES/guests/$name/fixture.json" "$target/fixture.json"
    chmod 0444 "$target"/disk*.raw "$target/fixture.json"
    rm -rf --one-file-system "$work"
}
