namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>Debian's cloud-init, unpacked beside the other fixtures, which takes a guest's tree for its machine.</summary>
internal sealed class RealCloudInit
{
    private const string Place = "/cloud-init";

    /// <summary>With what it imports.</summary>
    private static readonly string[] Packages =
    [
        "cloud-init", .. new[]
        {
            "attr", "certifi", "chardet", "configobj", "idna", "jinja2", "json-pointer", "jsonpatch", "jsonschema", "markupsafe", "netifaces", "oauthlib", "pyrsistent", "requests", "serial", "six",
            "urllib3", "yaml",
        }.Select(module => $"python3-{module}"),
    ];

    private readonly SampleGuest _guest;
    private readonly string _package = Unpacked();

    public RealCloudInit(SampleGuest guest)
    {
        _guest = guest;
        foreach (var file in new DirectoryInfo($"{_package}/etc/cloud").EnumerateFiles("*.cfg", SearchOption.AllDirectories))
            guest.Put($"/etc/cloud/{Path.GetRelativePath($"{_package}/etc/cloud", file.FullName)}", File.ReadAllBytes(file.FullName));
        guest.Put("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        guest.Put("/etc/group", "root:x:0:\n");
        guest.Put("/etc/hostname", "web\n");
        foreach (var directory in new[] { "/etc/ssh", "/var/log", "/root", "/tmp", "/run" })
            Directory.CreateDirectory(guest.Root + directory);
    }

    /// <summary>What its generator asks first: the exit code (0: cloud-init runs), and what it wrote for cloud-init.</summary>
    public string Identify() => Run([], $"{Place}/usr/lib/cloud-init/ds-identify --force >/dev/null 2>&1; echo $?; cat /run/cloud-init/cloud.cfg");

    /// <summary>The stages before and after the network of a boot.</summary>
    public void Start(params string[] variables)
        => Run(variables, "python3 -m cloudinit.cmd.main init --local && python3 -m cloudinit.cmd.main init");

    private string Run(string[] variables, string script)
    {
        var python = Directory.EnumerateDirectories("/usr/lib", "python3*").SelectMany(path => new[] { "--ro-bind", path, path });
        var set = variables.Select(variable => variable.Split('=', 2)).SelectMany(pair => new[] { "--setenv", pair[0], pair[1] });
        return GuestShell.Run(
            _guest,
            [.. python, "--ro-bind", _package, Place, "--setenv", "PYTHONPATH", $"{Place}/usr/lib/python3/dist-packages", "--proc", "/proc", "--tmpfs", "/run", "--hostname", "web", .. set],
            "sh", "-c", script).OutputText;
    }

    private static string Unpacked()
    {
        var cache = Directory.CreateDirectory(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache/hyper2kvm/fixtures")).FullName;
        var place = Path.Combine(cache, "cloud-init-unpacked-1");
        if (Directory.Exists(place))
            return place;
        var made = Directory.CreateDirectory($"{place}.{Guid.NewGuid():N}").FullName;
        Archives.Tool("sh", [], "-c", $"cd {made} && apt-get -qq download {string.Join(' ', Packages)} && for package in *.deb; do dpkg-deb -x $package . && rm $package; done");
        Directory.Move(made, place);
        return place;
    }
}
