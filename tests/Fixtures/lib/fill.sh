# File systems that no tool of Debian 12 makes from a tree without mounting: the guest's own kernel makes them, under QEMU.
# It boots from a scratch ext4 of the same tree, with the guest's initramfs and a script of the recipe for an init.

# fill_in_guest TREE IMAGE SCRIPT : runs guests/$NAME/SCRIPT in there; the image is /dev/vdb, and / what to copy.
fill_in_guest() {
    local tree=$1 image=$2 script=$3 scratch=$1.scratch console=$1.console mebibytes
    { cat "$FIXTURES/lib/fill-init"; cat "$FIXTURES/guests/$NAME/$script"; printf 'finish\n'; } > "$tree/fixture-fill"
    chmod 0755 "$tree/fixture-fill"
    mebibytes=$(du --summarize --block-size=1M "$tree" | cut -f1)
    mke2fs -q -F -t ext4 -d "$tree" "$scratch" $((mebibytes * 5 / 4 + 128))M
    rm "$tree/fixture-fill"
    run_filler "$console" "$tree"/boot/vmlinuz-* "$tree"/boot/initrd.img-* 'root=/dev/vda ro init=/fixture-fill' \
        -drive "if=virtio,format=raw,cache=unsafe,file=${scratch//,/,,}" \
        -drive "if=virtio,format=raw,cache=unsafe,discard=unmap,detect-zeroes=unmap,file=${image//,/,,}"
    rm "$scratch"
}

# fill_in_machine SCRIPT IMAGE... : runs guests/$NAME/SCRIPT in the machine of lib/storage.sh, which has the tools of LVM, md and LUKS; the images
# are /dev/vdc, /dev/vdd and so on. For what takes seconds there: files are better put in by the host.
fill_in_machine() {
    local script=$FIXTURES/guests/$NAME/$1 machine image input drives=()
    shift
    machine=$(FORCE='' cached "$(storage_machine_entry)" build_storage_machine)
    input=$1.script
    cat "$script" "$FIXTURES/storage/end" > "$input"
    truncate --size=1M "$input"
    for image in "$@"; do
        drives+=(-drive "if=virtio,format=raw,cache=unsafe,snapshot=off,discard=unmap,detect-zeroes=unmap,file=${image//,/,,}")
    done
    run_filler "$1.console" "$machine/kernel" "$machine/initrd" 'root=/dev/vda rw init=/fixture-init' -snapshot \
        -drive "if=virtio,format=raw,cache=unsafe,file=$machine/root.ext4" -drive "if=virtio,format=raw,readonly=on,file=${input//,/,,}" "${drives[@]}"
    rm "$input"
}

# run_filler CONSOLE KERNEL INITRD APPEND QEMU-ARGUMENT... : until the script says that it has done its work.
run_filler() {
    local console=$1
    setpriv --pdeathsig KILL timeout 600 setpriv --pdeathsig KILL \
        qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 768 -nodefaults -no-user-config -no-reboot -display none \
        -kernel "$2" -initrd "$3" -append "$4 console=ttyS0 no_timer_check tsc=reliable quiet fastboot panic=-1" \
        -chardev "file,id=serial,path=$console" -serial chardev:serial "${@:5}" < /dev/null
    cat "$console"
    grep --quiet '^FIXTURE-FILLED' "$console"
    rm "$console"
}
