using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Nightshift.Escalation.Tiers;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Escalation.Channels;

/// <summary>
/// Runs the configured program with exactly its arguments, without a shell: nothing in an incident's text can become a
/// command. It sees none of the service's own environment, and is killed with everything it started when it takes too
/// long.
/// </summary>
public sealed class CommandChannel(
    IOptionsMonitor<EscalationOptions> options,
    ILogger<CommandChannel> log,
    TimeProvider clock
) : IChannel
{
    static readonly string[] Inherited =
    [
        "PATH",
        "HOME",
        "LANG",
        "TZ",
        "DISPLAY",
        "DBUS_SESSION_BUS_ADDRESS",
        "XDG_RUNTIME_DIR",
    ]; // what notify-send and the like need

    /// <summary>
    /// Wait for the last output of a program that has ended; something it left behind may hold the pipe open.
    /// </summary>
    static readonly TimeSpan OutputGrace = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public string Name => ChannelNames.Command;

    /// <inheritdoc/>
    public async Task<string?> Notify(Notice notice, CancellationToken cancellationToken)
    {
        var (command, limit) = (options.CurrentValue.Command, options.CurrentValue.CommandTimeout);
        if (command.Count == 0)
            return "Escalation:Command is not set any more";
        try
        {
            using var process =
                Process.Start(Describe(command, notice)) ?? throw new Win32Exception($"{command[0]} gave no process");
            var (output, error) = (new CappedOutput(process.StandardOutput), new CappedOutput(process.StandardError));
            await Feed(process, notice);
            var failure = await End(process, limit, cancellationToken);
            await Task.WhenAll(output.Read(OutputGrace, clock), error.Read(OutputGrace, clock));
            Log.CommandRan(log, notice.IncidentId, notice.Tier, command[0], failure ?? "ok", output.Text, error.Text);
            return failure;
        }
        catch (Win32Exception e)
        {
            Log.CommandRan(log, notice.IncidentId, notice.Tier, command[0], e.Message, "", "");
            return $"{command[0]} could not be started: {e.Message}";
        }
    }

    async Task<string?> End(Process process, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await process.WaitForExitAsync(either.Token);
            return process.ExitCode == 0
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"the command ended with {process.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"the command was killed after {limit.TotalSeconds:0.#} s"
            );
        }
    }

    static ProcessStartInfo Describe(IReadOnlyList<string> command, Notice notice)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        foreach (var name in Inherited)
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        start.Environment["NIGHTSHIFT_INCIDENT_ID"] = notice.IncidentId;
        start.Environment["NIGHTSHIFT_INCIDENT_EPOCH"] = notice.Epoch.ToString(CultureInfo.InvariantCulture);
        start.Environment["NIGHTSHIFT_INCIDENT_TIER"] = notice.Tier.ToString(CultureInfo.InvariantCulture);
        start.Environment["NIGHTSHIFT_INCIDENT_SUMMARY"] = notice.Summary.Replace('\0', ' ');
        start.Environment["NIGHTSHIFT_INCIDENT_WHY"] = notice.Why.Replace('\0', ' ');
        return start;
    }

    static async Task Feed(Process process, Notice notice)
    {
        try
        {
            // far smaller than a pipe's buffer: never blocks
            await process.StandardInput.WriteAsync(JsonSerializer.Serialize(notice, Json.Options));
            process.StandardInput.Close();
        }
        catch (IOException) { } // it does not read its input: its own choice
    }
}
