namespace Hyper2Kvm.Core.Documents;

/// <summary>A versioned JSON document of the work directory. Its schema is in <c>docs/schema/</c>.</summary>
/// <remarks>
/// A field that a document leaves out has its default: the source-generated reader sets every <c>init</c> property, with null or 0 where
/// the field is missing, so a property with a default takes it in its setter.
/// </remarks>
public interface IDocument
{
    /// <summary>Name and version, <c>hyper2kvm/NAME/VERSION</c>.</summary>
    static abstract string SchemaName { get; }

    /// <summary>File name in the work directory.</summary>
    static abstract string FileName { get; }

    /// <summary>The <c>schema</c> field as the file has it.</summary>
    string Schema { get; }
}
