namespace Hyper2Kvm.Daemon.Outcome.Notifications;

/// <summary>A value of the configuration that may stand elsewhere: <c>file:PATH</c>, <c>env:NAME</c>. Read when it is needed, so that it can be changed, and kept nowhere.</summary>
internal static class Secret
{
    private const string InFile = "file:";
    private const string InEnvironment = "env:";

    /// <summary>The value; that of a file without blanks and line ends around it.</summary>
    /// <param name="text">As the configuration has it; a value of neither form is itself.</param>
    /// <param name="key">Its key, for messages.</param>
    /// <exception cref="NotDelivered">It cannot be read or is empty. The message names the place, never the value.</exception>
    public static string Read(string text, string key)
    {
        try
        {
            var value = text switch
            {
                _ when text.StartsWith(InFile, StringComparison.Ordinal) => File.ReadAllText(text[InFile.Length..]).Trim(),
                _ when text.StartsWith(InEnvironment, StringComparison.Ordinal) => Environment.GetEnvironmentVariable(text[InEnvironment.Length..]),
                _ => text,
            };
            return string.IsNullOrEmpty(value) ? throw new NotDelivered($"{key}: {text} holds nothing", canPass: false) : value;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new NotDelivered($"{key}: {text[InFile.Length..]} cannot be read: {unreadable.Message}", canPass: false);
        }
    }
}
