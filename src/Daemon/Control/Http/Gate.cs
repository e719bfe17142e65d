using Microsoft.AspNetCore.Http;

namespace Hyper2Kvm.Daemon.Control.Http;

/// <summary>Who may come in on a listening socket; every connection carries its own.</summary>
/// <param name="token">What callers must bear; <see langword="null"/>: on a Unix socket, whose mode says who may connect.</param>
internal sealed class Gate(BearerToken? token)
{
    /// <summary>Lets a request pass, or refuses it. A connection without a gate is refused: nothing listens without one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">What comes behind the gate.</param>
    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var refusal = context.Features.Get<Gate>() is { } gate ? gate.Refusal(context.Request) : ControlError.Unauthorized;
        if (refusal is null)
        {
            return next(context);
        }

        if (refusal == ControlError.Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return HttpApi.AnswerAsync(context, ControlDispatcher.Refusal(new ControlException(refusal)));
    }

    private ControlError? Refusal(HttpRequest request)
    {
        if (token is null)
        {
            return null;
        }

        // A page whose name was made to point to the loopback (DNS rebinding) sends its own name.
        if (request.Host.Host is not ("127.0.0.1" or "[::1]" or "localhost"))
        {
            return ControlError.ForeignHost;
        }

        return token.IsBorneBy(request.Headers.Authorization.ToString()) ? null : ControlError.Unauthorized;
    }
}
