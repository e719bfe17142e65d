using Hyper2Kvm.Daemon.Control.Answers;
using Hyper2Kvm.Daemon.Control.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Hyper2Kvm.Daemon.Control.Http;

/// <summary>The commands over HTTP, the metrics and the OpenAPI document.</summary>
/// <param name="dispatcher">Who answers.</param>
/// <param name="metrics">Gives the metrics as Prometheus text.</param>
/// <param name="limits">What a client may cost.</param>
internal sealed class HttpApi(ControlDispatcher dispatcher, Func<string> metrics, ControlLimits limits)
{
    /// <summary>Where the metrics are.</summary>
    public const string MetricsPath = "/metrics";

    /// <summary>Where the OpenAPI document is.</summary>
    public const string DocumentPath = "/openapi/v1.json";

    /// <summary>Type of the metrics: Prometheus' text format.</summary>
    public const string MetricsType = "text/plain; version=0.0.4; charset=utf-8";

    private const string JsonType = "application/json; charset=utf-8";
    private const string DocumentResource = "openapi.json";
    private const int LargestBody = 4096; // No command has one.

    /// <summary>Makes the application.</summary>
    /// <param name="endPoints">Where it listens.</param>
    public WebApplication Create(IReadOnlyList<HttpEndPoint> endPoints)
    {
        // The empty builder: the slim one reads appsettings.json of the current directory and ASPNETCORE_URLS, either of which could open a door.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "daemon", EnvironmentName = Environments.Production });
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(options => Configure(options, endPoints));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();

        var application = builder.Build();
        application.Use(TellWhatIsNotThereAsync);
        application.Use(Gate.CheckAsync);
        Map(application);
        return application;
    }

    private void Configure(KestrelServerOptions options, IReadOnlyList<HttpEndPoint> endPoints)
    {
        options.AddServerHeader = false;
        options.Limits.MaxConcurrentConnections = limits.Connections;
        options.Limits.MaxRequestBodySize = LargestBody;
        options.Limits.RequestHeadersTimeout = limits.RequestTime;
        options.Limits.KeepAliveTimeout = limits.RequestTime;
        options.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: limits.AnswerTime);
        foreach (var endPoint in endPoints)
        {
            options.ListenHandle((ulong)endPoint.Listener.Handle, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection =>
                {
                    connection.Features.Set(new Gate(endPoint.Token));
                    return next(connection);
                });
            });
        }
    }

    private void Map(IEndpointRouteBuilder routes)
    {
        foreach (var command in ControlCommands.All)
        {
            routes.MapMethods(command.Path, [command.Method], context => RunAsync(context, command));
        }

        routes.MapGet("/v1/jobs/{id}/logs", context => RunAsync(context, ControlCommands.Find("logs")!));
        routes.MapGet(MetricsPath, context => WriteAsync(context, MetricsType, System.Text.Encoding.UTF8.GetBytes(metrics())));
        routes.MapGet(DocumentPath, context => WriteAsync(context, JsonType, Document()));
    }

    /// <summary>The router gives a bare 404 or 405; callers get the same words as everywhere.</summary>
    private static async Task TellWhatIsNotThereAsync(HttpContext context, RequestDelegate next)
    {
        await next(context).ConfigureAwait(false);
        var error = context.Response switch
        {
            { HasStarted: true } => null,
            { StatusCode: StatusCodes.Status404NotFound } => ControlError.UnknownCommand,
            { StatusCode: StatusCodes.Status405MethodNotAllowed } => ControlError.WrongMethod,
            _ => null,
        };
        if (error is not null)
        {
            await AnswerAsync(context, ControlDispatcher.Refusal(new ControlException(error, $"there is no {context.Request.Method} {context.Request.Path}"))).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(HttpContext context, ControlCommand command)
    {
        Answer answer;
        try
        {
            answer = await dispatcher.AnswerAsync(HttpQuery.Read(command, context.Request)).ConfigureAwait(false);
        }
        catch (ControlException refused)
        {
            answer = ControlDispatcher.Refusal(refused);
        }

        await AnswerAsync(context, answer).ConfigureAwait(false);
    }

    /// <summary>Writes an answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="answer">The answer.</param>
    public static Task AnswerAsync(HttpContext context, Answer answer)
    {
        context.Response.StatusCode = answer.HttpStatus;
        return WriteAsync(context, JsonType, ControlContext.ToUtf8(answer));
    }

    private static async Task WriteAsync(HttpContext context, string type, byte[] body)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    private static byte[] Document()
    {
        using var resource = typeof(HttpApi).Assembly.GetManifestResourceStream(DocumentResource)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Signals belong to the daemon, not to its HTTP.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
