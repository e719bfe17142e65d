namespace Hyper2Kvm.Daemon.Jobs;

/// <summary>Is told how every try of a job ended. Called one after another, in the order of their registration; must return soon, and what it throws is logged and stops nobody else.</summary>
internal interface IOutcomeListener
{
    /// <summary>A try has ended. Its work directory is still there, its files where the try found them.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="verdict">What becomes of the job.</param>
    void Ended(JobOutcome outcome, Verdict verdict);
}
