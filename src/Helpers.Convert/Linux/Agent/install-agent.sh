#!/bin/sh
# hyper2kvm: installs qemu-guest-agent, by the package file that was given or from the repositories of this guest.
# Nothing else is updated. Where no repository answers within five minutes, nothing is changed.
package='@PACKAGE@'
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

has() {
    command -v "$1" >/dev/null 2>&1
}

# What only fetches can be stopped at any time; what installs is never killed half-way.
fetch() {
    if timeout 1 true 2>/dev/null; then
        timeout 300 "$@"
    else
        "$@"
    fi
}

install_file() {
    case $package in
    *.deb)
        # Without a repository the file alone may do; what it lacks is fetched where that works, else it is taken out again.
        dpkg -i "$package" || fetch apt-get -y -f --no-remove install || { dpkg --remove qemu-guest-agent; return 1; } ;;
    *.rpm)
        rpm -U --replacepkgs "$package" && return
        for manager in dnf yum zypper tdnf; do
            has $manager || continue
            case $manager in
            zypper) zypper -n --no-gpg-checks install "$package" ;;
            *) $manager -y install "$package" ;;
            esac
            return
        done
        return 1 ;;
    *.apk) apk add --no-network --allow-untrusted "$package" || apk add --allow-untrusted "$package" ;;
    esac
}

install_from_repository() {
    if has apt-get; then
        fetch apt-get -q update
        fetch apt-get -q -y --no-install-recommends --download-only install qemu-guest-agent || return
        apt-get -q -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 install qemu-guest-agent
    elif has dnf; then
        fetch dnf -q -y makecache && dnf -q -y install qemu-guest-agent
    elif has tdnf; then
        fetch tdnf -q -y makecache && tdnf -q -y install qemu-guest-agent
    elif has zypper; then
        fetch zypper -n refresh && zypper -n install --no-recommends qemu-guest-agent
    elif has yum; then
        fetch yum -q -y makecache && yum -q -y install qemu-guest-agent
    elif has apk; then
        fetch apk update && apk add qemu-guest-agent
    elif has pacman; then
        # Without -y: a fresh package list with old packages is what Arch calls a partial upgrade.
        pacman -S --noconfirm --needed qemu-guest-agent
    else
        echo "no package manager is known here"
        return 1
    fi
}

# A unit that udev starts has nothing to enable: its failure says nothing.
start() {
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        systemctl enable qemu-guest-agent.service
        systemctl start qemu-guest-agent.service
    elif has rc-update; then
        rc-update add qemu-guest-agent default
        rc-service qemu-guest-agent start
    else
        for service in qemu-guest-agent qemu-ga; do
            [ -x /etc/init.d/$service ] || continue
            has chkconfig && chkconfig $service on
            /etc/init.d/$service start
        done
    fi
}

if [ -n "$package" ]; then
    install_file
else
    install_from_repository
fi
code=$?
[ "$code" = 0 ] && start
[ -n "$package" ] && rm -f "$package"
exit "$code"
