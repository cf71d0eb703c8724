using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Nightshift.Plumbing.Hosting;

/// <summary>
/// Looks once at start whether the server applies our limits on sessions; a pooler in between may drop them. Nothing
/// rests on them, so a warning is enough.
/// </summary>
sealed class SessionLimitsCheck(NpgsqlDataSource database, ILogger<SessionLimitsCheck> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var (name, wanted) in StoreSetup.SessionLimits)
            {
                await using var command = database.CreateCommand("select current_setting(@name)");
                command.Parameters.AddWithValue("name", name);
                var applied = (string?)await command.ExecuteScalarAsync(stoppingToken);
                if (applied != wanted)
                    PlumbingLog.SessionLimitNotApplied(log, name, applied, wanted);
            }
        }
        catch (NpgsqlException) { } // the health check says that the database is away
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }
}
