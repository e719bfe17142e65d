#!/bin/sh
# hyper2kvm: runs every script of the queue once, in order, while the booted system goes about its work; then takes itself away.
# The log has what each wrote, and its exit code; done/ID keeps the code, so that a second conversion does not queue it again.
state=/var/lib/hyper2kvm/firstboot
log=/var/log/hyper2kvm-firstboot.log
name=hyper2kvm-firstboot
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 077

say() {
    echo "$(date '+%Y-%m-%d %H:%M:%S') hyper2kvm: $*"
}

has_default_route() {
    while read -r device destination rest; do
        [ "$destination" = 00000000 ] && return 0
    done </proc/net/route
    while read -r destination length f3 f4 f5 f6 f7 f8 f9 device; do
        [ "$destination $length" = "00000000000000000000000000000000 00" ] && [ "$device" != lo ] && return 0
    done </proc/net/ipv6_route
    return 1
} 2>/dev/null

wait_for_network() {
    seconds=0
    until has_default_route; do
        [ "$seconds" -ge 60 ] && say "no default route after $seconds s; going on without a network" && return
        sleep 1
        seconds=$((seconds + 1))
    done
}

run() {
    id=${1##*-}
    # Out of the queue before it runs: one that restarts or hangs the guest is not run again at the next boot.
    mv "$1" "$state/running-$id" || return
    say "script ${1##*/} starts"
    chmod 0700 "$state/running-$id"
    case $(head -n 1 "$state/running-$id") in
    '#!'*) (cd / && umask 022 && exec "$state/running-$id") </dev/null ;;
    *) (cd / && umask 022 && exec /bin/sh "$state/running-$id") </dev/null ;;
    esac
    code=$?
    say "script ${1##*/} ended with exit code $code"
    echo "$code" >"$state/done/$id"
    rm -f "$state/running-$id"
}

remove_service() {
    rm -f /etc/systemd/system/multi-user.target.wants/$name.service /etc/systemd/system/$name.service
    rm -f /etc/runlevels/default/$name /etc/rc[2345].d/S99$name /etc/init.d/$name
    rm -rf "$state/files"
    rmdir "$state/scripts"
    rm -f /usr/libexec/hyper2kvm/firstboot
    rmdir /usr/libexec/hyper2kvm
} 2>/dev/null

exec >>"$log" 2>&1
mkdir -p "$state/done"
for left in "$state"/running-*; do
    [ -f "$left" ] || continue
    say "script ${left##*-} did not end before the last shutdown"
    echo interrupted >"$state/done/${left##*-}"
    rm -f "$left"
done
wait_for_network
for script in "$state"/scripts/[0-9]*; do
    [ -f "$script" ] && run "$script"
done
say "all scripts have run"
remove_service
exit 0
