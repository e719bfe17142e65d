namespace Hyper2Kvm.Guest.Inspection.Tools;

/// <summary>The tools of all hypervisors: the one table.</summary>
public static class KnownTools
{
    private const string VmwareUninstaller = "/usr/bin/vmware-uninstall-tools.pl";
    private const string VirtualBoxUninstaller = "/opt/VBoxGuestAdditions*/uninstall.sh";
    private const string ParallelsInstaller = "/usr/lib/parallels-tools/install"; // it removes too

    /// <summary>All of them.</summary>
    public static IReadOnlyList<HypervisorTool> All { get; } =
    [
        new("VMware Tools")
        {
            Products = [new("open-vm-tools", "/usr/bin/vmtoolsd"), new("vmware-tools", VmwareUninstaller)],
            Units =
            [
                "open-vm-tools.service", "vmtoolsd.service", "vgauth.service", "vgauthd.service", "vmblock-fuse.service", "vmware-vmblock-fuse.service", "run-vmblock\\x2dfuse.mount",
                "vmware-tools.service", "vmware-tools-thinprint.service",
            ],
            Scripts = ["open-vm-tools", "vmtoolsd", "vmware-tools", "vmware-tools-services", "vmware-tools-thinprint", "vmware-guestd"],

            // The transport is loaded by whoever opens a vsock, and before Linux 5.5 there is room for one: virtio's could not come.
            Modules = ["vmhgfs", "vmblock", "vmmemctl", "vmw_vsock_vmci_transport"],
            Packages = ["open-vm-tools", "open-vm-dkms", "vmware-tools", "VMwareTools", "kmod-vmware-tools", "vmware-guest-kmp", "vmware-open-vm-tools"],
            Uninstallers = [VmwareUninstaller],
        },
        new("VirtualBox Guest Additions")
        {
            Products = [new("virtualbox-guest-additions", "/usr/sbin/VBoxService", "/usr/bin/VBoxClient", VirtualBoxUninstaller)],
            Units = ["vboxadd.service", "vboxadd-service.service", "vboxadd-x11.service", "virtualbox-guest-utils.service", "vboxservice.service", "vboxclient.service"],
            Scripts = ["vboxadd", "vboxadd-service", "vboxadd-x11", "vboxservice", "virtualbox-guest-utils", "virtualbox-guest-additions"],
            Modules = ["vboxguest", "vboxsf", "vboxvideo"],
            Packages = ["virtualbox-guest", "virtualbox-kmp", "kmod-virtualbox"],
            Uninstallers = [VirtualBoxUninstaller],
        },
        new("Hyper-V daemons")
        {
            Products = [new("hyperv-daemons", "/usr/sbin/hv_kvp_daemon", "/usr/sbin/hypervkvpd", "/usr/sbin/hv_vss_daemon")],
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
            Products = [new("azure-agent", "/usr/sbin/waagent", "/usr/bin/waagent")],
            Units = ["walinuxagent.service", "waagent.service", "walinuxagent-network-setup.service", "waagent-network-setup.service"],
            Scripts = ["waagent", "walinuxagent"],
            Packages = ["walinuxagent", "WALinuxAgent", "python-azure-agent"],
        },
        new("Xen and Citrix tools")
        {
            Products = [new("xe-guest-utilities", "/usr/sbin/xe-daemon", "/usr/sbin/xe-linux-distribution")],
            Units = ["xe-linux-distribution.service", "xe-daemon.service", "xen-guest-agent.service", "xenstored.service", "xenconsoled.service"],
            Scripts = ["xe-linux-distribution", "xe-daemon", "xe-guest-utilities", "xenstored"],
            Packages = ["xe-guest-utilities", "xenserver-", "xen-guest-agent", "xen-tools-domU"],
        },
        new("Parallels Tools")
        {
            Products = [new("parallels-tools", "/usr/bin/prltoolsd", ParallelsInstaller)],
            Units = ["prltoolsd.service", "prl-x11.service", "prl_fs.service"],
            Scripts = ["prltoolsd", "prl-x11"],
            Modules = ["prl_fs", "prl_fs_freeze", "prl_notifier", "prl_tg", "prl_eth", "prl_vid"],
            Packages = ["parallels-tools", "prl-tools"],
            Uninstallers = [ParallelsInstaller],
        },
    ];
}
