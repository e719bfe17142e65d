using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Core.Documents;

/// <summary>Reads and writes the documents of a work directory.</summary>
public static class DocumentFile
{
    /// <summary>Largest document that is read, bytes.</summary>
    public const long LargestBytes = 64L * 1024 * 1024;

    /// <summary>Writes a document: to a temporary name, synced, renamed, so that a reader sees the old or the new one, never half.</summary>
    /// <param name="directory">The work directory.</param>
    /// <param name="document">What to write.</param>
    /// <param name="type">Its JSON contract.</param>
    public static void Save<T>(string directory, T document, JsonTypeInfo<T> type)
        where T : class, IDocument
    {
        var path = Path.Combine(directory, T.FileName);
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(document, type));
    }

    /// <summary>Reads a document.</summary>
    /// <param name="directory">The work directory.</param>
    /// <param name="type">Its JSON contract.</param>
    /// <exception cref="StepException">It is missing, not JSON, or of another schema or version (<see cref="ErrorCodes.Document"/>).</exception>
    public static T Load<T>(string directory, JsonTypeInfo<T> type)
        where T : class, IDocument
        => TryLoad(directory, type)
            ?? throw new StepException(ErrorCodes.Document, $"{Path.Combine(directory, T.FileName)} does not exist", "Run the step that writes it first.");

    /// <summary>Reads a document, or gives <see langword="null"/> where it does not exist.</summary>
    /// <param name="directory">The work directory.</param>
    /// <param name="type">Its JSON contract.</param>
    /// <exception cref="StepException">It is not JSON, or of another schema or version (<see cref="ErrorCodes.Document"/>).</exception>
    public static T? TryLoad<T>(string directory, JsonTypeInfo<T> type)
        where T : class, IDocument
    {
        var path = Path.Combine(directory, T.FileName);
        return File.Exists(path) ? LoadFile(path, type) : null;
    }

    /// <summary>Reads a document that is not in a work directory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">Its JSON contract.</param>
    /// <exception cref="StepException">It is missing, not JSON, or of another schema or version (<see cref="ErrorCodes.Document"/>).</exception>
    public static T LoadFile<T>(string path, JsonTypeInfo<T> type)
        where T : class, IDocument
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new StepException(ErrorCodes.Document, $"{path} does not exist", "Check the path.");
        }

        if (file.Length > LargestBytes)
        {
            throw new StepException(ErrorCodes.Document, $"{path} has {file.Length} bytes, more than the {LargestBytes} that a document may have");
        }

        var bytes = File.ReadAllBytes(path);
        CheckSchema(path, bytes, T.SchemaName);
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("it is null");
        }
        catch (JsonException broken)
        {
            throw new StepException(ErrorCodes.Document, $"{path}: {broken.Message}", $"See docs/schema for {T.SchemaName}.", broken);
        }
    }

    /// <summary>Reads only the <c>schema</c> field, so that a document of a future version gives its own message and not a list of unknown fields.</summary>
    private static void CheckSchema(string path, byte[] bytes, string expected)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                var isSchema = reader.ValueTextEquals("schema"u8);
                reader.Read();
                if (isSchema && reader.TokenType == JsonTokenType.String)
                {
                    var found = reader.GetString();
                    if (found == expected)
                    {
                        return;
                    }

                    throw new StepException(
                        ErrorCodes.Document,
                        $"{path} is of schema '{found}'; this version reads '{expected}'",
                        "Use programs of one version of hyper2kvm on one work directory.");
                }

                reader.Skip();
            }
        }
        catch (JsonException broken)
        {
            throw new StepException(ErrorCodes.Document, $"{path} is not JSON: {broken.Message}", inner: broken);
        }

        throw new StepException(ErrorCodes.Document, $"{path} has no schema field; expected '{expected}'");
    }
}
