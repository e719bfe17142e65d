# The disks of a guest as other hypervisors store them. Each format is an entry of its own, so a test pays for what it asks.

readonly FORMATS=(vmdk-monolithicSparse vmdk-twoGbMaxExtentSparse vmdk-monolithicFlat vmdk-streamOptimized
    vpc-dynamic vpc-fixed vhdx vdi qcow2)

variants_entry() {
    printf 'variants-%s-%s\n' "$(guest_entry "$1")" "$(recipe_hash lib/variants.sh | cut -c1-8)"
}

# variant_directory NAME FORMAT : a directory with disk0.EXTENSION … ; the VMDK kinds with extents have these beside it.
variant_directory() {
    case " ${FORMATS[*]} " in
        *" $2 "*) ;;
        *) printf 'fixtures: no format is called %s; there are: %s\n' "$2" "${FORMATS[*]}" >&2; return 2 ;;
    esac
    local guest
    guest=$(FORCE='' guest_directory "$1") || return
    cached "$(variants_entry "$1")/$2" build_variant "$guest" "$2"
}

# build_variant GUEST FORMAT TARGET
build_variant() {
    local guest=$1 format=$2 target=$3 disk name
    for disk in "$guest"/disk*.raw; do
        name=$(basename "$disk" .raw)
        # force_size: without it VHD disks are rounded to what cylinders, heads and sectors can say.
        case $format in
            vmdk-*) convert_disk "$disk" "$target/$name.vmdk" vmdk "subformat=${format#*-},adapter_type=lsilogic" ;;
            vpc-*) convert_disk "$disk" "$target/$name.vhd" vpc "subformat=${format#*-},force_size=on" ;;
            *) convert_disk "$disk" "$target/$name.$format" "$format" ;;
        esac
    done
    chmod 0444 "$target"/*
}

convert_disk() { # FROM TO FORMAT [OPTIONS]
    qemu-img convert -f raw -O "$3" ${4:+-o "$4"} "$1" "$2"
}
