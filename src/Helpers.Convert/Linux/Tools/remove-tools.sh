#!/bin/sh
# hyper2kvm: removes the tools of the hypervisor that this guest came from: what their own uninstallers remove, then their packages.
# Nothing that something else depends on is removed, and nothing is fetched. What cannot be removed stays, out of service.
command='@COMMAND@'
packages='@PACKAGES@'
uninstallers='@UNINSTALLERS@'
units='@UNITS@'
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
code=0

has() {
    command -v "$1" >/dev/null 2>&1
}

# An uninstaller is a stranger: one that waits for an answer must not hold up the scripts behind this one for ever.
uninstall() {
    [ -x "$1" ] || return 0
    if timeout 1 true 2>/dev/null; then
        timeout 600 "$@"
    else
        "$@"
    fi
}

# The package manager may be at work at the first boot; dpkg does not wait for it, apt does.
wait_for_lock() {
    case $command in
    dpkg*) has apt-get && apt-get -q -o DPkg::Lock::Timeout=300 check ;;
    esac
}

# All at once, for packages that depend on each other. Where one cannot go, each that can: round after round, until none does.
remove_packages() {
    $command $packages && return
    left=$packages
    while [ -n "$left" ]; do
        kept=
        for package in $left; do
            $command "$package" || kept="$kept $package"
        done
        [ "$kept" = " $left" ] || [ "$kept" = "$left" ] && break
        left=$kept
    done
    [ -z "$left" ] || { echo "still installed:$left"; return 1; }
}

# A unit of which the link to /dev/null is all that is left.
unmask() {
    etc=/etc/systemd/system/$1
    [ "$(readlink "$etc")" = /dev/null ] || return 0
    [ -e "/usr/lib/systemd/system/$1" ] || [ -e "/lib/systemd/system/$1" ] || [ -e "/etc/init.d/${1%.service}" ] || {
        rm -f "$etc"
        [ "$code" != 0 ] || rm -f "$etc.before-hyper2kvm"
    }
}

IFS='
'
for line in $uninstallers; do
    IFS=' '
    uninstall $line || code=1
    IFS='
'
done
IFS=' '
if [ -n "$packages" ]; then
    wait_for_lock
    remove_packages || code=1
fi
for unit in $units; do
    unmask "$unit"
done
[ -d /run/systemd/system ] && systemctl daemon-reload
exit "$code"
