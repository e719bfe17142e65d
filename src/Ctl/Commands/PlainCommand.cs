using System.CommandLine;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Ctl.Commands;

/// <summary>A command that asks once and shows the answer.</summary>
internal static class PlainCommand
{
    /// <summary>Most time for an answer where none is named.</summary>
    public static readonly TimeSpan UsualTime = TimeSpan.FromSeconds(5);

    private static readonly IReadOnlyDictionary<string, object?> NoFields = new Dictionary<string, object?>();

    /// <summary>Makes the command.</summary>
    /// <param name="connection">The options of every command.</param>
    /// <param name="name">Its name, on the control socket too.</param>
    /// <param name="description">What it does.</param>
    /// <param name="show">The answer as text.</param>
    /// <param name="fields">The fields of the request; <see langword="null"/>: none.</param>
    /// <param name="usualTime">Most time for an answer where none is named; <see langword="null"/>: <see cref="UsualTime"/>.</param>
    public static Command Create(
        ConnectionOptions connection, string name, string description, Action<Answer, TextWriter> show, Func<ParseResult, IReadOnlyDictionary<string, object?>>? fields = null, TimeSpan? usualTime = null)
    {
        var command = new Command(name, description);
        command.SetAction(parsed => Invocation.Run("ctl", cancel =>
        {
            var line = connection.Client(parsed, usualTime ?? UsualTime).Ask(name, fields?.Invoke(parsed) ?? NoFields, cancel);
            if (connection.Json(parsed))
            {
                using var output = Console.OpenStandardOutput();
                output.Write([.. line, (byte)'\n']);
                _ = Answer.Read(line); // An error is an error in this form too.
            }
            else
            {
                show(Answer.Read(line), Console.Out);
            }

            return 0;
        }));
        return command;
    }
}
