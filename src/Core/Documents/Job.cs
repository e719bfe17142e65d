namespace Hyper2Kvm.Core.Documents;

/// <summary>What is to be done: the one document that tells every step its options (<c>job.json</c>).</summary>
/// <remarks>Written once by the supervisor. A helper that is run by hand with flags writes them into its own section, so that the later steps see them.</remarks>
public sealed record Job : IDocument
{
    /// <inheritdoc/>
    public static string SchemaName => "hyper2kvm/job/1";

    /// <inheritdoc/>
    public static string FileName => "job.json";

    /// <summary>Always <c>hyper2kvm/job/1</c>.</summary>
    public required string Schema { get; init; }

    /// <summary>Unique name of this run; part of the names of half-made targets.</summary>
    public required string Id { get; init; }

    /// <summary>When the job was made, UTC.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Reads a job that somebody wrote (<c>--job FILE</c>).</summary>
    /// <param name="path">The file; relative paths in it count from the directory that this program runs in.</param>
    /// <exception cref="Errors.StepException">It is missing, no job, or names no source (<see cref="Errors.ErrorCodes.Document"/>).</exception>
    public static Job LoadFrom(string path)
    {
        var job = DocumentFile.LoadFile(path, DocumentContext.Default.Job);
        return job.Input is { Type: { Length: > 0 }, Sources.Count: > 0 } && job.Output.Type is { Length: > 0 }
            ? job with { Input = job.Input with { Sources = [.. job.Input.Sources.Select(Path.GetFullPath)] } }
            : throw new Errors.StepException(Errors.ErrorCodes.Document, $"{path} says not all of input.type, input.sources and output.type", "See docs/schema/job.json.");
    }

    /// <summary>Name of the guest on the target (<c>-on</c>); the source's name where it is missing.</summary>
    public string? Name { get; init; }

    /// <summary>Where the guest comes from.</summary>
    public JobInput Input { get; init => field = value ?? new(); } = new();

    /// <summary>How it is converted.</summary>
    public JobConvert Convert { get; init => field = value ?? new(); } = new();

    /// <summary>Where it goes.</summary>
    public JobOutput Output { get; init => field = value ?? new(); } = new();

    /// <summary>How its disks are copied.</summary>
    public JobCopy Copy { get; init => field = value ?? new(); } = new();
}

/// <summary>Where the guest comes from.</summary>
public sealed record JobInput
{
    /// <summary>Input type: the helper is <c>input-TYPE</c> (<c>-i</c>).</summary>
    public string? Type { get; init; }

    /// <summary>Paths or URIs of the source, in the order of the guest's disks.</summary>
    public IReadOnlyList<string> Sources { get; init => field = value ?? []; } = [];

    /// <summary>Disk format, where it is not to be detected (<c>-if</c>).</summary>
    public string? Format { get; init; }

    /// <summary>Open the source itself for writing, without an overlay. Only <c>hyper2kvm in-place</c> sets it.</summary>
    public bool InPlace { get; init; }

    /// <summary>Options of one input type (<c>-io KEY=VALUE</c>).</summary>
    public IReadOnlyDictionary<string, string> Options { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();
}

/// <summary>How the guest is converted.</summary>
public sealed record JobConvert
{
    /// <summary>Which system, where the disks hold several: <c>first</c>, <c>single</c> or a device such as <c>/dev/sda2</c> (<c>--root</c>).</summary>
    public string Root { get; init => field = value ?? "first"; } = "first";

    /// <summary>Keys of encrypted volumes (<c>--key</c>), each in a file: a passphrase itself is never in a document.</summary>
    public IReadOnlyList<JobKey> Keys { get; init => field = value ?? []; } = [];

    /// <summary>Most file systems that are looked at or mounted at once (<c>--workers</c>); 0: four.</summary>
    public int Workers { get; init; }

    /// <summary>What mounts the guest's file systems (<c>--backend</c>): <c>direct</c> for this host, <c>appliance</c> for libguestfs, <c>auto</c> for the former where it can.</summary>
    public string Backend { get; init => field = value ?? "auto"; } = "auto";

    /// <summary>Write though the guest is hibernated, or Windows left an NTFS volume dirty; the hibernated session is lost (<c>--force-hibernated</c>).</summary>
    public bool ForceHibernated { get; init; }

    /// <summary>Leave consoles of Xen (<c>console=hvc0</c>, their gettys) as they are (<c>--keep-serial-console</c>).</summary>
    public bool KeepSerialConsole { get; init; }

    /// <summary>How drivers come into an initramfs (<c>--rebuild-initramfs</c>): <c>edit</c> puts them in, <c>guest</c> runs the guest's own tool in a sandbox.</summary>
    public string RebuildInitramfs { get; init => field = value ?? "edit"; } = "edit";

    /// <summary>
    /// What is done for the QEMU guest agent (<c>--guest-agent</c>): <c>install</c> enables it and, where it is missing, installs it at the first boot;
    /// <c>enable</c> changes no package; <c>off</c> does nothing.
    /// </summary>
    public string GuestAgent { get; init => field = value ?? "install"; } = "install";

    /// <summary>A package file of the agent for this guest (<c>--agent-package</c>), instead of the guest's repositories.</summary>
    public string? AgentPackage { get; init; }

    /// <summary>Remove the tools of the old hypervisor at the first boot (<c>--remove-tools</c>); otherwise they stay installed, out of service.</summary>
    public bool RemoveTools { get; init; }

    /// <summary>Give cards that DHCP configures their last lease as a static address (<c>--static-from-lease</c>).</summary>
    public bool StaticFromLease { get; init; }

    /// <summary>Static addresses of single cards (<c>--mac MAC:ip:…</c>). A source that tells no addresses gets these for its cards, behind those of the output.</summary>
    public IReadOnlyList<JobCardAddress> Addresses { get; init => field = value ?? []; } = [];

    /// <summary>What the user wants changed in the guest, in the order in which it is done (<c>--hostname</c>, <c>--upload</c> …).</summary>
    public IReadOnlyList<JobCustomisation> Customise { get; init => field = value ?? []; } = [];

    /// <summary>Options of the conversion by name.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();
}

/// <summary>One change that the user wants in the guest; options of virt-customize's names.</summary>
public sealed record JobCustomisation
{
    /// <summary>
    /// What is done: <c>hostname</c>, <c>timezone</c>, <c>mkdir</c>, <c>upload</c>, <c>write</c>, <c>append-line</c>, <c>edit</c>, <c>delete</c>, <c>link</c>, <c>chmod</c>,
    /// <c>ssh-inject</c>, <c>root-password</c>, <c>firstboot</c> or <c>firstboot-command</c>.
    /// </summary>
    public required string Action { get; init; }

    /// <summary>File or directory of the guest; the user for <c>ssh-inject</c>.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// The name, zone, content, line, Perl expression, target of the link, octal mode, public key or command. For <c>root-password</c> whether the account is
    /// <c>locked</c> or <c>disabled</c>: a password itself is never in a document.
    /// </summary>
    public string? Value { get; init; }

    /// <summary>File of this host: what is uploaded or run, the public key, or the password in its first line.</summary>
    public string? File { get; init; }
}

/// <summary>A static address for one card.</summary>
public sealed record JobCardAddress
{
    /// <summary>The card's MAC address, lower case with colons.</summary>
    public required string Mac { get; init; }

    /// <summary>Its IP address.</summary>
    public required string Address { get; init; }

    /// <summary>The default router; missing: none.</summary>
    public string? Gateway { get; init; }

    /// <summary>Bits of its network; a Linux guest needs them.</summary>
    public int? PrefixLength { get; init; }

    /// <summary>Name servers.</summary>
    public IReadOnlyList<string> NameServers { get; init => field = value ?? []; } = [];
}

/// <summary>A key of encrypted volumes.</summary>
public sealed record JobKey
{
    /// <summary>Which volume: a device of the guest (<c>/dev/sda2</c>), the UUID of the container, or <c>all</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The file that holds the passphrase: its whole content without one newline at its end.</summary>
    public required string File { get; init; }
}

/// <summary>Where the guest goes.</summary>
public sealed record JobOutput
{
    /// <summary>Output type: the helper is <c>output-TYPE</c> (<c>-o</c>).</summary>
    public string? Type { get; init; }

    /// <summary>Disk format on the target, <c>raw</c> or <c>qcow2</c> (<c>-of</c>); <c>raw</c> where it is missing.</summary>
    public string? Format { get; init; }

    /// <summary><c>sparse</c> or <c>preallocated</c> (<c>-oa</c>).</summary>
    public string Allocation { get; init => field = value ?? "sparse"; } = "sparse";

    /// <summary>Directory or storage pool (<c>-os</c>).</summary>
    public string? Storage { get; init; }

    /// <summary>Connection URI of libvirt (<c>-oc</c>).</summary>
    public string? Connection { get; init; }

    /// <summary>Network or bridge for a card whose source names none (<c>-n</c>, <c>-b</c>): <c>network:NAME</c> or <c>bridge:NAME</c>.</summary>
    public string? DefaultNetwork { get; init; }

    /// <summary>Where single cards go, by address (<c>--mac</c>). A source that tells no addresses gets these for its cards, in this order.</summary>
    public IReadOnlyList<JobCard> Cards { get; init => field = value ?? []; } = [];

    /// <summary>Options of one output type (<c>-oo KEY=VALUE</c>).</summary>
    public IReadOnlyDictionary<string, string> Options { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();
}

/// <summary>Where one card goes.</summary>
public sealed record JobCard
{
    /// <summary>Its MAC address, lower case with colons.</summary>
    public required string Mac { get; init; }

    /// <summary><c>network</c> or <c>bridge</c>.</summary>
    public string Kind { get; init => field = value ?? "network"; } = "network";

    /// <summary>Name of the network or bridge.</summary>
    public required string Source { get; init; }
}

/// <summary>How the disks are copied.</summary>
public sealed record JobCopy
{
    /// <summary>How many disks at once at most (<c>--parallel</c>); 0: all.</summary>
    public int Parallel { get; init; }

    /// <summary>Connections per server; 0: as many as measured best for this host.</summary>
    public int Connections { get; init; }

    /// <summary>Request size in bytes; 0: as measured best.</summary>
    public int RequestSize { get; init; }

    /// <summary>Most bytes per second, all disks together; 0: no limit.</summary>
    public long Bandwidth { get; init; }

    /// <summary>Most disks that are copied at once by all runs that name the same <see cref="SlotDirectory"/>; 0: no limit.</summary>
    public int Slots { get; init; }

    /// <summary>Directory of the locks by which runs take turns; made where it is missing.</summary>
    public string? SlotDirectory { get; init; }

    /// <summary>Read the target back and compare digests (<c>--verify</c>).</summary>
    public bool Verify { get; init; }
}
