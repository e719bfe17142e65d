# Root, real or not: files in a guest belong to root, so building needs to look like root to chown and chroot.

readonly MODE=root # of mmdebstrap: we are root by then, at least of our own user namespace

# become_root COMMAND... : goes on as root; a plain user becomes root of a user namespace (needs entries in /etc/subuid).
become_root() {
    export PATH=$PATH:/usr/sbin:/sbin
    if [ "$(id -u)" -ne 0 ]; then
        exec unshare --map-root-user --map-auto --mount "$@"
    fi
}
