using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hyper2Kvm.Daemon.Tests.Outcome.Notifications;

/// <summary>A real HTTP server on loopback that keeps what it was sent, and answers as it was told: 200 where it was told nothing.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly ConcurrentQueue<(int Status, string? RetryAfter)> _answers = new();

    private WebhookServer(WebApplication host) => _host = host;

    public ConcurrentQueue<JsonElement> Received { get; } = new();

    public string Address => $"{_host.Urls.First()}/hook/secret-token";

    public static async Task<WebhookServer> StartAsync(params (int Status, string? RetryAfter)[] answers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = new WebhookServer(builder.Build());
        foreach (var answer in answers)
        {
            server._answers.Enqueue(answer);
        }

        server._host.Run(server.AnswerAsync);
        await server._host.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Received.Enqueue((await JsonDocument.ParseAsync(context.Request.Body)).RootElement);
        var (status, retryAfter) = _answers.TryDequeue(out var answer) ? answer : (200, null);
        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = retryAfter;
        if (status is >= 300 and < 400)
        {
            context.Response.Headers.Location = "/elsewhere";
        }
    }
}
