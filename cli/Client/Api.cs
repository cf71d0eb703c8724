using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Nightshift.Cli.Client;

/// <summary>
/// Asks the gateway. Whatever is not a good answer becomes an <see cref="AnswerException"/> with a sentence for people.
/// </summary>
public sealed class Api : IDisposable
{
    readonly HttpClient http;
    readonly Endpoint endpoint;

    public Api(Endpoint endpoint)
    {
        this.endpoint = endpoint;
        // A stream that is left early is closed, not read to an end that may never come.
        http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero })
        {
            BaseAddress = endpoint.Url,
            Timeout = Timeout.InfiniteTimeSpan,
        }; // a followed stream may be silent for hours; Ctrl-C ends any wait
        if (endpoint.Token is { } token)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>GET, as JSON.</summary>
    public async Task<JsonElement> Get(string path, CancellationToken cancellationToken)
    {
        using var answer = await Open(path, "application/json", cancellationToken);
        return await Read(answer, cancellationToken);
    }

    /// <summary>GET, as text.</summary>
    public async Task<string> GetText(string path, CancellationToken cancellationToken)
    {
        using var answer = await Open(path, "text/plain", cancellationToken);
        return await answer.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>POST of a JSON body, answered in JSON.</summary>
    public async Task<JsonElement> Post(string path, object body, CancellationToken cancellationToken) =>
        (await Create(path, body, cancellationToken)).Answer;

    /// <summary>The same, and whether it made something new (201).</summary>
    public async Task<(JsonElement Answer, bool Created)> Create(
        string path,
        object body,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        using var answer = await Send(request, cancellationToken);
        return (await Read(answer, cancellationToken), answer.StatusCode is HttpStatusCode.Created);
    }

    /// <summary>POST under an idempotency key: the same again has no further effect.</summary>
    public async Task<JsonElement> Post(string path, object body, string key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await Send(request, cancellationToken);
        return await Read(answer, cancellationToken);
    }

    /// <summary>PATCH of a JSON body, answered in JSON.</summary>
    public async Task<JsonElement> Patch(string path, object body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = JsonContent.Create(body) };
        using var answer = await Send(request, cancellationToken);
        return await Read(answer, cancellationToken);
    }

    /// <summary>PUT without a body, answered in JSON.</summary>
    public async Task<JsonElement> Put(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path);
        using var answer = await Send(request, cancellationToken);
        return await Read(answer, cancellationToken);
    }

    /// <summary>PATCH of a JSON body, answered in JSON; null when there is nothing to change (404).</summary>
    public async Task<JsonElement?> TryPatch(string path, object body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = JsonContent.Create(body) };
        try
        {
            using var answer = await Send(request, cancellationToken);
            return await Read(answer, cancellationToken);
        }
        catch (AnswerException e) when (e.Status is HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>DELETE, answered with nothing.</summary>
    public async Task Delete(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        using var answer = await Send(request, cancellationToken);
    }

    /// <summary>GET, returned as soon as the answer begins.</summary>
    public Task<HttpResponseMessage> Open(string path, string mediaType, CancellationToken cancellationToken) =>
        Open(path, mediaType, lastEventId: null, cancellationToken);

    /// <summary>The same, for events behind the one with that id; null for all of them.</summary>
    public async Task<HttpResponseMessage> Open(
        string path,
        string mediaType,
        string? lastEventId,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new(mediaType) } } };
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        return await Send(request, cancellationToken);
    }

    async Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new AnswerException(
                ExitCodes.Unreachable,
                $"Nightshift does not answer at {endpoint.Url}: {e.GetBaseException().Message}. './nightshift "
                    + "up' starts it."
            );
        }
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw new AnswerException(CodeOf(answer.StatusCode), await Problem(answer, cancellationToken))
            {
                Status = answer.StatusCode,
            };
    }

    /// <summary>The exit code for an answer that is not good.</summary>
    public static int CodeOf(HttpStatusCode status) =>
        status switch
        {
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => ExitCodes.Usage,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ExitCodes.Refused,
            HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
                ExitCodes.Unreachable,
            _ => ExitCodes.Failed,
        };

    static async Task<string> Problem(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            if (
                JsonSerializer.Deserialize<JsonElement>(text) is { ValueKind: JsonValueKind.Object } problem
                && problem.Text("detail") is { Length: > 0 } detail
            )
                return detail;
        }
        catch (JsonException) { } // no problem details: the status says what there is to say
        return $"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri} answered "
            + $"{(int)answer.StatusCode} {answer.ReasonPhrase}";
    }

    async Task<JsonElement> Read(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        }
        catch (JsonException)
        {
            throw new AnswerException(
                ExitCodes.Unreachable,
                $"What answers at {endpoint.Url} is not Nightshift: {answer.RequestMessage?.RequestUri} is no JSON."
            );
        }
    }

    public void Dispose() => http.Dispose();
}
