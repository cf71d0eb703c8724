using System.Globalization;
using Docker.DotNet;
using Docker.DotNet.Models;
using Nightshift.Plumbing.Installations;

namespace Nightshift.Executor.Engines;

/// <summary>
/// Holds an installation's container names on an engine against another one with the same id. The claim is an empty
/// volume: creating it again gives the one that is there, with the labels of whoever made it.
/// </summary>
/// <param name="endpoint"><c>unix:///path</c> or <c>tcp://host:port</c>; null takes <c>DOCKER_HOST</c> or the usual
/// socket.</param>
public sealed class EngineClaim(string? endpoint, Installation installation)
{
    const string TokenLabel = "nightshift.token";

    /// <returns>What is wrong and what to do; null when the names are this installation's.</returns>
    /// <exception cref="EngineException">The engine is away or refuses.</exception>
    public async Task<string?> Take(CancellationToken cancellationToken)
    {
        var builder = new DockerClientBuilder();
        if (endpoint is { Length: > 0 })
            builder = builder.WithEndpoint(new Uri(endpoint));
        using var docker = builder.Build();
        var (name, token) = (
            $"{installation.Id}.installation",
            installation.Token.ToString("N", CultureInfo.InvariantCulture)
        );
        try
        {
            var volume = await docker.Volumes.CreateAsync(
                new VolumesCreateParameters
                {
                    Name = name,
                    Labels = new Dictionary<string, string> { [TokenLabel] = token },
                },
                cancellationToken
            );
            return volume.Labels?.TryGetValue(TokenLabel, out var owner) == true && owner == token
                ? null
                : $"The Docker engine serves another installation that is called '{installation.Id}' too. "
                    + $"Set Nightshift:Installation to another name ({Installation.Rule}), the same for all "
                    + "services of this one, or name another engine in Nightshift:Docker. "
                    + $"If that other installation is gone for good, remove the volume '{name}' there.";
        }
        catch (Exception e) when (e is DockerApiException or HttpRequestException or IOException or TimeoutException)
        {
            throw new EngineException(e.Message, e, unreachable: e is not DockerApiException);
        }
    }
}
