# The cache: every entry is a directory named after a hash of the files that make it, built under a lock, renamed into place.

cache_root() {
    printf '%s\n' "${HYPER2KVM_FIXTURES:-${XDG_CACHE_HOME:-$HOME/.cache}/hyper2kvm/fixtures}"
}

# recipe_hash PATH... : one hash over names (relative to tests/Fixtures), modes and contents of all files below the paths.
recipe_hash() {
    (cd "$FIXTURES" && find "$@" -type f -printf '%p %m\0' | LC_ALL=C sort -z | while IFS=' ' read -r -d '' path mode; do
        printf '%s %s ' "$path" "$mode"
        sha256sum < "$path"
    done | sha256sum | cut -c1-16)
}

# cached ENTRY FUNCTION... : makes ENTRY (relative to the cache) unless it is there; prints its absolute path.
# FUNCTION (of lib/) gets one more argument: an empty directory that becomes the entry once the function has succeeded.
# The lock file descriptor is inherited on purpose: while a child of a killed build still writes, nobody else may start.
cached() {
    local entry=$1 root final temp log
    shift
    root=$(cache_root)
    final=$root/$entry temp=$root/$entry.tmp log=$root/$entry.log
    mkdir -p "$(dirname "$final")"
    if [ -z "${FORCE:-}" ] && [ -d "$final" ]; then
        printf '%s\n' "$final"
        return
    fi
    (
        flock 9
        rm -rf --one-file-system "$temp" # what a killed build left
        if [ -z "${FORCE:-}" ] && [ -d "$final" ]; then exit 0; fi # another run has made it while we waited
        mkdir "$temp"
        if ! "$FIXTURES/lib/run" "$@" "$temp" > "$log" 2>&1; then
            tail -n 40 "$log" >&2
            printf 'fixtures: %s failed; the whole log is %s\n' "$entry" "$log" >&2
            exit 1
        fi
        if [ -d "$final" ]; then # --force: out of the way in one step, so that no reader sees half an entry
            mv "$final" "$temp.old"
        fi
        mv "$temp" "$final"
        rm -rf --one-file-system "$temp.old"
    ) 9> "$root/$entry.lock"
    printf '%s\n' "$final"
}

# prune_cache : removes every guest, base and variant that the present recipes do not make.
prune_cache() {
    local root keep entry
    root=$(cache_root)
    keep=" $(base_entry) $(storage_entry) $(storage_machine_entry) $(small_entry) $(guest_names | while read -r name; do guest_entry "$name"; printf ' '; variants_entry "$name"; done | tr '\n' ' ')"
    for entry in "$root"/*-*; do
        entry=$(basename "$entry")
        case $keep in
            *" ${entry%%.*} "*) ;;
            *) rm -rf --one-file-system "${root:?}/$entry" ;;
        esac
    done
}
