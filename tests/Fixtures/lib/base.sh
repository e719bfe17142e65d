# The base: one tarball with what all guests share (kernel included), from the apt sources of the host.

readonly SUITE=bookworm

# The host's own Debian sources of this suite, whatever format they are written in.
# On a host that has none (another distribution) the answer is empty and mmdebstrap takes its default.
host_sources() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk -v suite="$SUITE" '$2 == suite || $2 == suite "-updates" || $2 == suite "-security" {
            if ($3 == "main" && !seen[$0]++) print "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " $1, $2, $3 }'
}

# How the host reaches its archive: proxies, and the checks that a snapshot of the archive needs off.
host_apt_options() {
    apt-config dump | grep -E '^Acquire::(http|https|ftp)::|^Acquire::(Check|Retries|Max-ValidTime|ForceIPv)' || true
}

# build_base DIRECTORY : makes DIRECTORY/base.tar
build_base() {
    local target=$1 packages sources
    packages=$(grep -v '^#' "$FIXTURES/guests/base/packages" | paste -sd,)
    host_apt_options > "$target/apt.conf"
    mapfile -t sources < <(host_sources)
    # TMPDIR: the tree in the making lies in the entry's own temporary directory, so a killed build is swept with it.
    TMPDIR=$target mmdebstrap --mode="$MODE" --variant=minbase --include="$packages" \
        --aptopt="$target/apt.conf" \
        --aptopt='APT::Install-Recommends "false"' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --essential-hook="$FIXTURES/guests/base/defer-initramfs" \
        --skip=cleanup/apt/lists \
        "$SUITE" "$target/base.tar" "${sources[@]}"
    rm "$target/apt.conf"
}

base_entry() {
    printf 'base-%s\n' "$(recipe_hash guests/base lib/base.sh)"
}

base_tarball() {
    local directory
    directory=$(FORCE='' cached "$(base_entry)" build_base) || return
    printf '%s/base.tar\n' "$directory"
}
