using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary><c>--firstboot FILE</c> and <c>--firstboot-command COMMAND</c>.</summary>
internal static class FirstBootOperation
{
    /// <summary>Whether an operation is one of these.</summary>
    /// <param name="operation">The operation.</param>
    public static bool Is(JobCustomisation operation) => operation.Action is "firstboot" or "firstboot-command";

    /// <summary>Its script.</summary>
    /// <param name="operation">The operation.</param>
    /// <exception cref="Core.Errors.StepException">Its file cannot be read.</exception>
    public static FirstBootScript Script(JobCustomisation operation) => operation.File is { } file
        ? new FirstBootScript(FirstBootRank.User, $"--firstboot {Path.GetFileName(file)}", HostFile.Read(operation))
        : new FirstBootScript(FirstBootRank.User, "--firstboot-command", GuestText.Bytes($"#!/bin/sh\n{operation.Value}\n"));
}
