using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Hyper2Kvm.Daemon.Configuration;

namespace Hyper2Kvm.Daemon.Outcome.Notifications;

/// <summary>Notes as HTTP POST of JSON.</summary>
/// <param name="settings">The configuration that is in force.</param>
/// <param name="http">The client; checks certificates and follows no redirection.</param>
/// <param name="clock">For a <c>Retry-After</c> that is a time.</param>
internal sealed class WebhookChannel(Func<NotificationSettings> settings, HttpClient http, TimeProvider clock) : INoteChannel
{
    /// <summary>Longest time that one try may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const string Key = "webhook_url";

    /// <inheritdoc/>
    public string Name => $"webhook {settings().WebhookType}";

    /// <inheritdoc/>
    public bool IsConfigured => settings() is { Enabled: true, WebhookUrl.Length: > 0 };

    /// <inheritdoc/>
    public async Task SendAsync(Note note, CancellationToken cancel)
    {
        var current = settings();
        var address = Address(Secret.Read(current.WebhookUrl!, Key));
        using var content = new StringContent(WebhookPayload.Of(current.WebhookType, note).ToJsonString(), Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                throw new NotDelivered($"{address.Host} answered {(int)answer.StatusCode} {answer.StatusCode}", CanPass(answer.StatusCode), Wait(answer.Headers.RetryAfter));
            }
        }
        catch (HttpRequestException unreachable)
        {
            // Its own message has the host and port alone; what is below may have more.
            throw new NotDelivered($"{address.Host} cannot be reached: {unreachable.Message}{(unreachable.InnerException is { } cause ? $" ({cause.GetType().Name})" : string.Empty)}", canPass: true);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new NotDelivered($"{address.Host} did not answer within {http.Timeout.TotalSeconds:0} s", canPass: true);
        }
    }

    /// <summary>The address is a secret itself (Slack's and Discord's are), so no message repeats it.</summary>
    private static Uri Address(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            ? address
            : throw new NotDelivered($"{Key} is no address that begins with https:// or http://", canPass: false);

    private static bool CanPass(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private TimeSpan? Wait(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? (header?.Date - clock.GetUtcNow());
        return wait > TimeSpan.Zero ? wait : null;
    }
}
