# Disk images: sparse raw files, laid out with sfdisk and filled at offsets, so no loop device and no mount is needed.

readonly SECTOR=512
readonly MIB_SECTORS=2048

# new_disk IMAGE MEBIBYTES : reads an sfdisk script.
new_disk() {
    truncate --size="$2M" "$1"
    sfdisk --quiet --no-reread --no-tell-kernel "$1"
}

# make_ext4 IMAGE START_MIB SIZE_MIB UUID TREE
make_ext4() {
    # The two features are newer than Debian 12's GRUB and e2fsck; other hosts' mke2fs.conf may ask for them.
    mke2fs -q -F -t ext4 -O ^metadata_csum_seed,^orphan_file -U "$4" -E "offset=$(($2 * MIB_SECTORS * SECTOR)),lazy_itable_init=0" \
        -d "$5" "$1" "$(($3 * 1024))k"
}

# make_swap IMAGE START_MIB SIZE_MIB UUID
make_swap() {
    local area=$1.swap
    truncate --size="$3M" "$area"
    chmod 0600 "$area"
    mkswap --quiet --uuid "$4" "$area"
    dd if="$area" of="$1" bs=1M seek="$2" conv=notrunc,sparse status=none
    rm "$area"
}

# make_esp IMAGE START_MIB SIZE_MIB VOLUME_ID DIRECTORY : a FAT32 EFI system partition holding the directory.
make_esp() {
    local esp=$1.esp
    truncate --size="$3M" "$esp"
    mkfs.vfat -F 32 -n EFI -i "$4" "$esp" > /dev/null
    mcopy -s -Q -i "$esp" "$5"/* ::/
    dd if="$esp" of="$1" bs=1M seek="$2" conv=notrunc,sparse status=none
    rm "$esp"
}

# little_endian NUMBER BYTES
little_endian() {
    local i
    for ((i = 0; i < $2; i++)); do printf "\\x$(printf %02x $((($1 >> (8 * i)) & 255)))"; done
}

# patch IMAGE OFFSET : overwrites with what it reads.
patch() {
    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# embed_grub IMAGE TREE SECTOR : what grub-bios-setup does, to a file: boot.img in the boot sector, core.img from SECTOR on
# (the gap after the MBR, or a BIOS boot partition). Offsets: GRUB's include/grub/i386/pc/boot.h.
embed_grub() {
    local image=$1 grub=$2/boot/grub/i386-pc first=$3
    local bootstrap=440 kernel_sector=92 drive_check=102 blocklist=500
    head -c "$bootstrap" "$grub/boot.img" | patch "$image" 0
    little_endian "$first" 8 | patch "$image" "$kernel_sector"
    printf '\x90\x90' | patch "$image" "$drive_check" # a hard disk: do not distrust the drive number of the BIOS
    dd if="$grub/core.img" of="$image" bs="$SECTOR" seek="$first" conv=notrunc status=none
    little_endian $((first + 1)) 8 | patch "$image" $((first * SECTOR + blocklist))
}
