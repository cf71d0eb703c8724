using System.Globalization;
using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Nightshift.Plumbing.Installations;

namespace Nightshift.Executor.Engines;

/// <summary>
/// Holds an installation's container names on an engine against another one with the same id. A claim is an empty
/// volume with the installation's token in its name; the older of two wins. Labels would not do: engines were seen to
/// answer with others for a volume that is created again after their restart.
/// </summary>
/// <param name="endpoint"><c>unix:///path</c> or <c>tcp://host:port</c>; null takes <c>DOCKER_HOST</c> or the usual
/// socket.</param>
/// <param name="installation">Whose claim.</param>
public sealed class EngineClaim(string? endpoint, Installation installation) : IHealthCheck
{
    volatile bool isTaken;

    string Prefix => $"{installation.Id}.installation.";

    /// <returns>What is wrong and what to do; null when the names are this installation's.</returns>
    /// <exception cref="EngineException">The engine is away or refuses.</exception>
    public async Task<string?> Take(CancellationToken cancellationToken)
    {
        var builder = new DockerClientBuilder();
        if (endpoint is { Length: > 0 })
            builder = builder.WithEndpoint(new Uri(endpoint));
        using var docker = builder.Build();
        try
        {
            var other = await Other(docker, cancellationToken);
            isTaken = other is null;
            return other is null ? null : Refusal(other);
        }
        catch (Exception e) when (e is DockerApiException or HttpRequestException or IOException or TimeoutException)
        {
            throw new EngineException(e.Message, e, unreachable: e is not DockerApiException);
        }
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) =>
        Task.FromResult(
            isTaken
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("The engine has not been claimed for this installation yet")
        );

    // Whoever looks after making its own sees every older one. Times count in seconds: of two in the same second
    // neither is older, so that both yield rather than both stay.
    async Task<string?> Other(DockerClient docker, CancellationToken cancellationToken)
    {
        var name = NameOf(installation.Token);
        if (installation.ReplacedToken is { } replaced)
            await Remove(docker, NameOf(replaced), cancellationToken);
        await docker.Volumes.CreateAsync(new VolumesCreateParameters { Name = name }, cancellationToken);
        var all = (await docker.Volumes.ListAsync(cancellationToken)).Volumes ?? [];
        var claims = all.Where(x => x.Name.StartsWith(Prefix, StringComparison.Ordinal)).ToList();
        var own = claims.FirstOrDefault(x => x.Name == name);
        var other = claims.FirstOrDefault(x => x.Name != name && (own is null || MadeAt(x) <= MadeAt(own)));
        if (other is not null)
            await docker.Volumes.RemoveAsync(name, force: true, cancellationToken);
        return other?.Name;
    }

    string NameOf(Guid token) => Prefix + token.ToString("N", CultureInfo.InvariantCulture);

    static async Task Remove(DockerClient docker, string name, CancellationToken cancellationToken)
    {
        try
        {
            await docker.Volumes.RemoveAsync(name, force: true, cancellationToken);
        }
        catch (DockerApiException e) when (e.StatusCode is HttpStatusCode.NotFound) { }
    }

    static DateTimeOffset MadeAt(VolumeResponse volume) =>
        DateTimeOffset.TryParse(volume.CreatedAt, CultureInfo.InvariantCulture, out var at)
            ? at
            : DateTimeOffset.MinValue;

    string Refusal(string other) =>
        $"The Docker engine serves another installation that is called '{installation.Id}' too, "
        + "or a copy of this one's database that has taken over. "
        + $"Set Nightshift:Installation to another name ({Installation.Rule}), "
        + "the same for all services of this one, or name another engine in Nightshift:Docker. "
        + $"If that other installation is gone for good, remove the volume '{other}' there.";
}
