using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Selinux;

namespace Hyper2Kvm.Helpers.Convert.Linux.Edits;

/// <summary>Does the edits that steps want, and tells the report what was done.</summary>
internal static class EditApplier
{
    /// <summary>Most lines of one file that the report shows.</summary>
    private const int MostLines = 400;

    /// <summary>Does one edit.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="concern">The step that wants it.</param>
    /// <param name="edit">The edit.</param>
    public static ReportChange Apply(IGuestFiles files, string concern, GuestEdit edit) => edit switch
    {
        WriteFile write => Write(files, concern, write),
        DeleteFile delete => Delete(files, concern, delete),
        RenameFile rename => Rename(files, concern, rename),
        LinkFile link => Link(files, concern, link),
        MakeDirectory make => Make(files, concern, make),
        ChangeMode change => Change(files, concern, change),
        LabelFile label => Label(files, concern, label),
        DeleteTree delete => Delete(files, concern, delete),
        _ => throw new NotSupportedException(edit.GetType().Name),
    };

    private static ReportChange Write(IGuestFiles files, string concern, WriteFile edit)
    {
        var reported = edit.ReportedPath ?? edit.Path;
        var before = edit.IsText && files.HasFile(edit.Path) ? files.Read(edit.Path) : null;
        var lengthBefore = files.Status(reported)?.Length;
        var isNew = edit.Owner is not null && !files.HasFile(edit.Path);
        files.Write(edit.Path, edit.Content.Span, edit.Mode);
        if (isNew)
        {
            // After the owner, who may not keep set-id bits of root: chown(2) takes them away.
            files.SetOwner(edit.Path, edit.Owner!.User, edit.Owner.Group);
            files.SetMode(edit.Path, edit.Mode);
        }

        CheckWritten(files, edit);
        var lines = edit.IsText
            ? LineDifference.Of(GuestText.Readable(before), GuestText.Readable(edit.Content.Span))
            : null;
        return new ReportChange
        {
            Concern = concern,
            Action = lengthBefore is null ? "create" : "edit",
            Path = reported,
            Reason = edit.Reason,
            Lines = lines?.Count > MostLines ? [.. lines.Take(MostLines), $"… {lines.Count - MostLines} more lines"] : lines,
            BytesBefore = lengthBefore,
            BytesAfter = edit.Content.Length,
        };
    }

    /// <summary>What was written is read again: a full disk or a broken driver must not pass as done.</summary>
    private static void CheckWritten(IGuestFiles files, WriteFile edit)
    {
        if (!files.Read(edit.Path, edit.Content.Length).AsSpan().SequenceEqual(edit.Content.Span))
            throw new StepException(ErrorCodes.ConvertDisk, $"{edit.Path} reads back other than it was written");
    }

    private static ReportChange Delete(IGuestFiles files, string concern, DeleteFile edit)
    {
        var before = files.Status(edit.Path, followLinks: false);
        files.Delete(edit.Path);
        return new ReportChange { Concern = concern, Action = "delete", Path = edit.Path, Reason = edit.Reason, BytesBefore = before?.Length };
    }

    private static ReportChange Delete(IGuestFiles files, string concern, DeleteTree edit)
    {
        files.DeleteTree(edit.Path);
        return new ReportChange { Concern = concern, Action = "delete", Path = edit.Path, Reason = edit.Reason };
    }

    private static ReportChange Make(IGuestFiles files, string concern, MakeDirectory edit)
    {
        files.MakeDirectory(edit.Path, edit.Mode);
        if (edit.Owner is { } owner)
            files.SetOwner(edit.Path, owner.User, owner.Group);
        return new ReportChange { Concern = concern, Action = "mkdir", Path = edit.Path, Reason = edit.Reason };
    }

    private static ReportChange Change(IGuestFiles files, string concern, ChangeMode edit)
    {
        files.SetMode(edit.Path, edit.Mode);
        return new ReportChange { Concern = concern, Action = "chmod", Path = edit.Path, Reason = edit.Reason };
    }

    private static ReportChange Label(IGuestFiles files, string concern, LabelFile edit)
    {
        if (files.SetLabel(edit.Path, edit.Label))
            return new ReportChange { Concern = concern, Action = "label", Path = edit.Path, Reason = $"{edit.Label}: {edit.Reason}" };
        files.Write(SelinuxStep.Relabel, []);
        return new ReportChange { Concern = concern, Action = "create", Path = SelinuxStep.Relabel, Reason = $"{edit.Path} cannot be given its label here: the guest relabels its files at the first boot" };
    }

    private static ReportChange Rename(IGuestFiles files, string concern, RenameFile edit)
    {
        files.Rename(edit.Path, edit.Target);
        return new ReportChange { Concern = concern, Action = "rename", Path = edit.Path, Reason = $"to {edit.Target}: {edit.Reason}" };
    }

    private static ReportChange Link(IGuestFiles files, string concern, LinkFile edit)
    {
        files.Link(edit.Path, edit.Target);
        return new ReportChange { Concern = concern, Action = "link", Path = edit.Path, Reason = $"to {edit.Target}: {edit.Reason}" };
    }
}
