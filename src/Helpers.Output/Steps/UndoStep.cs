using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Helpers.Output.Disks;
using Hyper2Kvm.Helpers.Output.Libvirt;
using Hyper2Kvm.Helpers.Output.Undo;

namespace Hyper2Kvm.Helpers.Output.Steps;

/// <summary><c>undo</c>: removes from the target what a run made there. May be repeated; a second time there is nothing to do.</summary>
internal static class UndoStep
{
    /// <summary>Runs it.</summary>
    /// <param name="context">The step.</param>
    /// <exception cref="StepException">The guest is whole on the target, or something could not be removed (<see cref="ErrorCodes.Cleanup"/>).</exception>
    public static void Run(StepContext context)
    {
        if (context.Work.IsDone)
        {
            throw new StepException(
                ErrorCodes.Cleanup,
                $"the run in {context.Work.Path} is done: the guest is whole on the target and is not removed",
                "Remove the guest itself, if that is what you want.");
        }

        TakeBack(context);
    }

    /// <summary>The same on the way out of a failed step, whose own failure is the one to tell.</summary>
    /// <param name="context">The step.</param>
    public static void TakeBackAfterFailure(StepContext context)
    {
        if (context.Work.IsDone)
        {
            return;
        }

        try
        {
            // The step may be failing because it was told to stop; what it made must go all the same.
            TakeBack(context with { Cancel = CancellationToken.None });
        }
        catch (StepException left)
        {
            context.Warn(left.Message, left.Hint);
        }
    }

    /// <summary>Ends the servers of the target, removes all that the journal lists, newest first, and says so in it.</summary>
    /// <param name="context">The step.</param>
    /// <exception cref="StepException">Something could not be removed; the rest was (<see cref="ErrorCodes.Cleanup"/>).</exception>
    public static void TakeBack(StepContext context)
    {
        Keeper.Stop(context);
        foreach (var target in Directory.EnumerateFiles(context.Work.Path, "out*").Where(IsOutTarget).ToList())
        {
            File.Delete(target);
        }

        var journal = UndoJournal.Open(context.Work);
        if (!journal.IsBegun)
        {
            return;
        }

        var failures = new List<Exception>();
        foreach (var record in Ordered(journal))
        {
            try
            {
                TakeBack(context, record, journal.Token);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or StepException)
            {
                context.Log.Error(failure, "undo of {Act} {Path}{Domain} failed", record.Act, record.Path, record.Domain);
                failures.Add(failure);
            }
        }

        if (failures.Count > 0)
        {
            throw new StepException(ErrorCodes.Cleanup, $"not everything could be removed: {failures[0].Message}", inner: failures[0]);
        }

        journal.Append(new UndoRecord { Act = UndoAct.Undone });
    }

    /// <summary>Newest first, but a pool is refreshed when its files are gone.</summary>
    private static IEnumerable<UndoRecord> Ordered(UndoJournal journal)
        => journal.Records.Reverse().OrderBy(record => record.Act == UndoAct.Pool);

    private static bool IsOutTarget(string path) => Path.GetFileName(path)["out".Length..] is var digits && digits.Length > 0 && digits.All(char.IsAsciiDigit);

    private static void TakeBack(StepContext context, UndoRecord record, string token)
    {
        switch (record.Act)
        {
            // Made or not when we were killed: nobody else uses this name.
            case UndoAct.Create when Path.GetFileName(record.Path!).EndsWith($".{token}.part", StringComparison.Ordinal):
                Remove(context, record.Path!);
                break;

            // A final name belongs to whoever was first; ours is the file that we made.
            case UndoAct.Rename when record.Identity is { } identity && FileIdentity.Of(record.Path!) == identity:
                Remove(context, record.Path!);
                break;

            case UndoAct.Define when record.Uuid is { } uuid && new Virsh(record.Uri!) is var libvirt && libvirt.DomainUuids().Contains(uuid):
                libvirt.Undefine(uuid);
                context.Log.Information("undefined {Domain}", record.Domain);
                break;

            case UndoAct.Pool:
                RefreshPool(context, record);
                break;

            default:
                break;
        }
    }

    private static void Remove(StepContext context, string path)
    {
        if (FileIdentity.Of(path) is not null)
        {
            File.Delete(path);
            context.Log.Information("removed {Path}", path);
        }
    }

    /// <summary>The files are gone whether libvirt knows it or not; that it still lists them is no reason to fail.</summary>
    private static void RefreshPool(StepContext context, UndoRecord record)
    {
        try
        {
            new Virsh(record.Uri!).RefreshPool(record.Pool!);
        }
        catch (StepException unreachable)
        {
            context.Warn($"the pool '{record.Pool}' could not be refreshed: {unreachable.Message}", $"virsh pool-refresh '{record.Pool}'");
        }
    }
}
