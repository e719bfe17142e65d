namespace Hyper2Kvm.Guest.Checking;

/// <summary>What a check of a file system came to.</summary>
public enum FileSystemState
{
    /// <summary>Its tool found nothing wrong.</summary>
    Clean,

    /// <summary>Its tool found damage.</summary>
    Errors,

    /// <summary>The time was over before its tool had looked at all of it.</summary>
    Unfinished,

    /// <summary>Its tool was not asked, or could not tell.</summary>
    Unchecked,
}
