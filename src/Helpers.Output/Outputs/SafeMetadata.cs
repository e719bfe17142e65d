using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Output.Outputs;

/// <summary>Words of the metadata come from a hostile source; here they are made fit for XML attributes, scripts and libvirt's schema, once for all outputs.</summary>
internal static class SafeMetadata
{
    /// <summary>The unit in which QEMU is told the memory.</summary>
    private const long LeastMemoryBytes = 1024 * 1024;

    /// <summary>The guest with words that no output can stumble over.</summary>
    /// <param name="guest">The guest as <c>metadata.out</c> has it.</param>
    /// <exception cref="StepException">A word that has no harmless form (<see cref="ErrorCodes.Document"/>).</exception>
    public static TargetMetadata Of(TargetMetadata guest)
    {
        Require(guest.Capabilities.Architecture, "capabilities.architecture");
        Require(guest.Capabilities.Machine, "capabilities.machine");
        Require(guest.Capabilities.NicModel, "capabilities.nicModel");
        Require(guest.Capabilities.Clock, "capabilities.clock");
        if (guest.MemoryBytes < LeastMemoryBytes || guest.Cpu.Count < 1)
        {
            throw new StepException(ErrorCodes.Document, $"{TargetMetadata.FileName}: a guest with {guest.MemoryBytes} bytes of memory and {guest.Cpu.Count} processors cannot be");
        }

        foreach (var disk in guest.Disks.Where(disk => disk.VirtualBytes <= 0))
        {
            throw new StepException(ErrorCodes.Document, $"{TargetMetadata.FileName}: disk {disk.Index} has a size of {disk.VirtualBytes} bytes", disk: disk.Index);
        }

        if (guest.Disks.Select(disk => disk.Index).Distinct().Count() != guest.Disks.Count || guest.Disks.Any(disk => disk.Index < 0))
        {
            throw new StepException(ErrorCodes.Document, $"{TargetMetadata.FileName}: the disks have no indices of their own");
        }

        return guest with
        {
            Cpu = guest.Cpu with { Model = OrNothing(Keep(guest.Cpu.Model, "-_+. ")), Vendor = OrNothing(Keep(guest.Cpu.Vendor, "-_+. ")) },
            Disks = [.. guest.Disks.Select(disk => disk with { Serial = OrNothing(Keep(disk.Serial, "_.+- ")) })],
            Nics = [.. guest.Nics.Select(Nic)],
            Display = guest.Display is { } display ? display with { Keymap = OrNothing(Keep(display.Keymap, "-_")) } : null,
        };
    }

    private static NicMetadata Nic(NicMetadata nic)
    {
        if (nic.Kind is not ("network" or "bridge"))
        {
            throw new StepException(ErrorCodes.Document, $"{TargetMetadata.FileName}: a network card is on a '{nic.Kind}'; it must be a network or a bridge");
        }

        if (nic.Model is { } model)
        {
            Require(model, "nics.model");
        }

        // libvirt's deviceName for bridges; a network may have any name but control characters.
        var source = nic.Kind == "bridge" ? Keep(nic.Source, "_.-:")! : string.Concat(nic.Source.Where(letter => !char.IsControl(letter)));
        return nic with { Source = source, Mac = OrNothing(Keep(nic.Mac, ":")) };
    }

    private static void Require(string word, string field)
    {
        if (word.Length == 0 || Keep(word, "_-.") != word)
        {
            throw new StepException(ErrorCodes.Document, $"{TargetMetadata.FileName}: '{word}' cannot be {field}");
        }
    }

    private static string? Keep(string? text, string further)
        => text is null ? null : string.Concat(text.Where(letter => char.IsAsciiLetterOrDigit(letter) || further.Contains(letter)));

    private static string? OrNothing(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
