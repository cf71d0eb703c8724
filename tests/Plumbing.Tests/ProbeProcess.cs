using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Probe;
using Nightshift.Testing;

namespace Nightshift.Plumbing.Tests;

/// <summary>The probe service as a process of its own, which can die for real.</summary>
sealed partial class ProbeProcess : IDisposable
{
    readonly Process process;
    readonly HttpClient http = new();

    ProbeProcess(Process process, string url)
    {
        this.process = process;
        http.BaseAddress = new Uri(url);
        http.DefaultRequestHeaders.Add(GatewayHeaders.Key, TestInfrastructure.GatewayKey);
        http.DefaultRequestHeaders.Add(GatewayHeaders.Role, "operator");
    }

    public static async Task<ProbeProcess> Start(
        TestInfrastructure infrastructure,
        DeathAt death,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [typeof(ProbeService).Assembly.Location, .. infrastructure.Arguments(), $"--DeathAt={death}"]
        )
        {
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            if (Address().Match(line) is { Success: true } match)
                return new(process, match.Value);
        throw new InvalidOperationException($"The probe ended with {process.ExitCode} before it listened");
    }

    /// <summary>Asks it to count; the answer may never come.</summary>
    /// <param name="trace">The caller's W3C trace context.</param>
    public async Task Count(string tally, int number, CancellationToken cancellationToken, string? trace = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/tallies/{tally}/{number}");
        if (trace is not null)
            request.Headers.Add("traceparent", trace);
        try
        {
            await http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException) { } // it died, as it was told to
    }

    /// <summary>The next line of its log with this event id and category.</summary>
    public async Task<JsonElement> Logged(int eventId, string category, CancellationToken cancellationToken)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } text)
            if (
                text.StartsWith('{')
                && JsonSerializer.Deserialize<JsonElement>(text) is var line
                && line.GetProperty("EventId").GetInt32() == eventId
                && line.GetProperty("Category").GetString()!.Contains(category, StringComparison.Ordinal)
            )
                return line;
        throw new InvalidOperationException("The probe ended before it logged that");
    }

    public Task Died(CancellationToken cancellationToken) => process.WaitForExitAsync(cancellationToken);

    public void Dispose()
    {
        http.Dispose();
        process.Kill();
        process.WaitForExit(); // its broker connection ends with it
        process.Dispose();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
