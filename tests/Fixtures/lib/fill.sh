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
    setpriv --pdeathsig KILL timeout 600 setpriv --pdeathsig KILL \
        qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 768 -nodefaults -no-user-config -no-reboot -display none \
        -kernel "$tree"/boot/vmlinuz-* -initrd "$tree"/boot/initrd.img-* \
        -append 'root=/dev/vda ro init=/fixture-fill console=ttyS0 no_timer_check tsc=reliable quiet fastboot panic=-1' \
        -chardev "file,id=serial,path=$console" -serial chardev:serial \
        -drive "if=virtio,format=raw,cache=unsafe,file=${scratch//,/,,}" \
        -drive "if=virtio,format=raw,cache=unsafe,discard=unmap,detect-zeroes=unmap,file=${image//,/,,}" < /dev/null
    cat "$console"
    grep --quiet '^FIXTURE-FILLED' "$console"
    rm "$scratch" "$console"
}
