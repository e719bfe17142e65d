using System.Globalization;
using Hyper2Kvm.Daemon.Control.Commands;
using Microsoft.AspNetCore.Http;

namespace Hyper2Kvm.Daemon.Control.Http;

/// <summary>A request over HTTP as the one that the control socket would have brought.</summary>
internal static class HttpQuery
{
    /// <summary>Reads it from the path and the query.</summary>
    /// <param name="command">What the path stands for.</param>
    /// <param name="request">The request.</param>
    /// <exception cref="ControlException">A parameter is unknown, given twice, or no number.</exception>
    public static ControlRequest Read(ControlCommand command, HttpRequest request)
    {
        var read = new ControlRequest { Command = command.Name, Id = request.RouteValues.TryGetValue("id", out var id) ? id as string : null };
        foreach (var (name, values) in request.Query)
        {
            var value = values is [{ } only] ? only : throw new ControlException(ControlError.Malformed, $"the parameter '{name}' is given {values.Count} times");
            read = name switch
            {
                "id" when read.Id is null => read with { Id = value },
                "state" => read with { State = value },
                "limit" => read with { Limit = Number(name, value) },
                "lines" => read with { Lines = Number(name, value) },
                _ => throw new ControlException(ControlError.Malformed, $"there is no parameter '{name}'"),
            };
        }

        return read;
    }

    private static int Number(string name, string value)
        => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ControlException(ControlError.Malformed, $"the parameter '{name}' is no number: '{value}'");
}
