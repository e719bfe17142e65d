namespace Hyper2Kvm.Helpers.Convert.Linux.Tools;

/// <summary>The tools of all hypervisors: the one table.</summary>
internal static class KnownTools
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<HypervisorTool> All { get; } =
    [
        new("VMware Tools")
        {
            Units =
            [
                "open-vm-tools.service", "vmtoolsd.service", "vgauth.service", "vgauthd.service", "vmblock-fuse.service", "vmware-vmblock-fuse.service", "run-vmblock\\x2dfuse.mount",
                "vmware-tools.service", "vmware-tools-thinprint.service",
            ],
            Scripts = ["open-vm-tools", "vmtoolsd", "vmware-tools", "vmware-tools-services", "vmware-tools-thinprint", "vmware-guestd"],

            // The transport is loaded by whoever opens a vsock, and before Linux 5.5 there is room for one: virtio's could not come.
            Modules = ["vmhgfs", "vmblock", "vmmemctl", "vmw_vsock_vmci_transport"],
            Packages = ["open-vm-tools", "open-vm-dkms", "vmware-tools", "VMwareTools", "kmod-vmware-tools", "vmware-guest-kmp", "vmware-open-vm-tools"],
            Uninstallers = ["/usr/bin/vmware-uninstall-tools.pl"],
        },
        new("VirtualBox Guest Additions")
        {
            Units = ["vboxadd.service", "vboxadd-service.service", "vboxadd-x11.service", "virtualbox-guest-utils.service", "vboxservice.service", "vboxclient.service"],
            Scripts = ["vboxadd", "vboxadd-service", "vboxadd-x11", "vboxservice", "virtualbox-guest-utils", "virtualbox-guest-additions"],
            Modules = ["vboxguest", "vboxsf", "vboxvideo"],
            Packages = ["virtualbox-guest", "virtualbox-kmp", "kmod-virtualbox"],
            Uninstallers = ["/opt/VBoxGuestAdditions*/uninstall.sh"],
        },
        new("Hyper-V daemons")
        {
            Units =
            [
                "hv-kvp-daemon.service", "hv-vss-daemon.service", "hv-fcopy-daemon.service", "hyperv-daemons.hv-kvp-daemon.service", "hyperv-daemons.hv-vss-daemon.service",
                "hyperv-daemons.hv-fcopy-daemon.service", "hypervkvpd.service", "hypervvssd.service", "hypervfcopyd.service", "hv_kvp_daemon.service", "hv_vss_daemon.service",
                "hv_fcopy_daemon.service", "hv_fcopy_uio_daemon.service",
            ],
            Scripts = ["hv_kvp_daemon", "hv_vss_daemon", "hv_fcopy_daemon", "hypervkvpd", "hypervvssd", "hypervfcopyd", "hv-kvp-daemon-init"],
            Packages = ["hyperv-daemons", "hypervkvpd", "hypervvssd", "hypervfcopyd", "hyperv-tools", "hvtools", "linux-cloud-tools", "microsoft-hyper-v", "kmod-microsoft-hyper-v"],
        },
        new("Azure agent")
        {
            Units = ["walinuxagent.service", "waagent.service", "walinuxagent-network-setup.service", "waagent-network-setup.service"],
            Scripts = ["waagent", "walinuxagent"],
            Packages = ["walinuxagent", "WALinuxAgent", "python-azure-agent"],
        },
        new("Xen and Citrix tools")
        {
            Units = ["xe-linux-distribution.service", "xe-daemon.service", "xen-guest-agent.service", "xenstored.service", "xenconsoled.service"],
            Scripts = ["xe-linux-distribution", "xe-daemon", "xe-guest-utilities", "xenstored"],
            Packages = ["xe-guest-utilities", "xenserver-", "xen-guest-agent", "xen-tools-domU"],
        },
        new("Parallels Tools")
        {
            Units = ["prltoolsd.service", "prl-x11.service", "prl_fs.service"],
            Scripts = ["prltoolsd", "prl-x11"],
            Modules = ["prl_fs", "prl_fs_freeze", "prl_notifier", "prl_tg", "prl_eth", "prl_vid"],
            Packages = ["parallels-tools", "prl-tools"],
            Uninstallers = ["/usr/lib/parallels-tools/install"],
        },
    ];
}
