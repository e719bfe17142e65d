using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Hyper2Kvm.Daemon.Tests.Control.Support;

/// <summary>HTTP clients as curl would be one.</summary>
internal static class HttpCaller
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>A client of the Unix socket.</summary>
    public static HttpClient On(string path) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://localhost"), Timeout = Patience };

    /// <summary>A client of the loopback address.</summary>
    public static HttpClient On(int port, string? token)
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Patience };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public static async Task<(int Status, string Body)> CallAsync(this HttpClient client, string method, string path)
    {
        using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
