using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Webhooks;

/// <summary>
/// <c>nightshift webhook send</c>: delivers an event the way GitHub does, to try triggers without GitHub.
/// </summary>
public static class WebhookCommand
{
    const int MaxPayload = 25 * 1024 * 1024;

    public static Command Create()
    {
        var name = new Option<string>("--event") { Description = "The event, e.g. push.", Required = true };
        var file = new Option<FileInfo>("--file") { Description = "The payload, a JSON file.", Required = true };
        var id = new Option<Guid?>("--delivery")
        {
            Description = "The delivery's GUID; a new one by default. The same one again is the same delivery.",
        };
        var hook = new Option<long?>("--hook")
        {
            Description = "The hook's number. Several hooks may deliver one event, under the same GUID.",
        };
        var secret = new Option<FileInfo?>("--secret-file")
        {
            Description = "The file whose first line is the secret to sign with. Otherwise the one up made.",
        };
        var send = new Command("send", "Sign an event like GitHub and send it to the gateway.")
        {
            name,
            file,
            id,
            hook,
            secret,
            Endpoint.UrlOption,
        };
        send.SetAction(
            (parsed, cancellationToken) =>
                ClientCommand.Answer(
                    parsed,
                    async () =>
                    {
                        var body = await Read(parsed.GetRequiredValue(file), cancellationToken);
                        if (body.Length > MaxPayload)
                            throw new ProblemException(
                                $"{parsed.GetRequiredValue(file)} has {body.Length:N0} bytes; GitHub sends no "
                                    + $"payload above {MaxPayload:N0}."
                            );
                        var key = FirstLine(
                            await Read(
                                parsed.GetValue(secret)
                                    ?? new FileInfo(Path.Combine(Home.Find().Secrets, Secrets.GitHubWebhookSecret)),
                                cancellationToken
                            )
                        );
                        using var request = SignedDelivery.Create(
                            Endpoint.Find(parsed).Url,
                            parsed.GetRequiredValue(name),
                            parsed.GetValue(id) ?? Guid.NewGuid(),
                            parsed.GetValue(hook),
                            body,
                            key
                        );
                        return await Send(request, parsed.InvocationConfiguration, cancellationToken);
                    }
                )
        );
        return new Command("webhook", "Try webhooks without GitHub.") { send };
    }

    static async Task<int> Send(
        HttpRequestMessage request,
        InvocationConfiguration console,
        CancellationToken cancellationToken
    )
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) }; // as long as GitHub waits
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            await (answer.IsSuccessStatusCode ? console.Output : console.Error).WriteLineAsync(
                Terminal.Lines($"{(int)answer.StatusCode} {answer.ReasonPhrase}: {Words(text)}")
            );
            return answer.IsSuccessStatusCode ? ExitCodes.Ok : ExitCodes.Failed;
        }
        catch (Exception e)
            when (e is HttpRequestException || e is TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            await console.Error.WriteLineAsync(
                $"Nightshift does not answer at {request.RequestUri}: {e.GetBaseException().Message}. "
                    + "'./nightshift up' starts it."
            );
            return ExitCodes.Unreachable;
        }
    }

    /// <summary>
    /// What is worth reading in an answer: the delivery's id and whether it is a replay, or the sentence that says why
    /// not.
    /// </summary>
    public static string Words(string answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            var (id, detail) = (json.RootElement.Text("deliveryId"), json.RootElement.Text("detail"));
            if (json.RootElement.Text("replayOf") is { Length: > 0 } earlier)
                return $"{id} is a replay and starts nothing: delivery {earlier} had the same body";
            if (id.Length + detail.Length > 0)
                return id.Length > 0 ? id : detail;
        }
        catch (JsonException) { } // not ours: shown as it is
        return answer;
    }

    static async Task<byte[]> Read(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(file.FullName, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException($"{file.FullName} cannot be read: {e.Message}");
        }
    }

    static string FirstLine(byte[] file) => System.Text.Encoding.UTF8.GetString(file).Split('\n')[0].TrimEnd('\r');
}
