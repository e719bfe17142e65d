namespace Hyper2Kvm.Core.Documents;

/// <summary>A versioned JSON document of the work directory. Its schema is in <c>docs/schema/</c>.</summary>
public interface IDocument
{
    /// <summary>Name and version, <c>hyper2kvm/NAME/VERSION</c>.</summary>
    static abstract string SchemaName { get; }

    /// <summary>File name in the work directory.</summary>
    static abstract string FileName { get; }

    /// <summary>The <c>schema</c> field as the file has it.</summary>
    string Schema { get; }
}
