using System.Diagnostics;
using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

/// <summary>A folder of secrets, one of which is a pipe: who reads it waits until the test answers.</summary>
sealed class SlowSecretStore : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-test-slow-").FullName;

    /// <summary>The setting that makes an executor use it.</summary>
    public string Setting => $"--Nightshift:SecretsDirectory={folder}";

    /// <summary>Makes the pipe, and copies the secrets that each service needs.</summary>
    public async Task Fill(TestInfrastructure infrastructure, string slow, CancellationToken cancellationToken)
    {
        foreach (var name in new[] { "gateway-key", "postgres-password", "rabbitmq-password" })
            await File.WriteAllTextAsync(
                Path.Combine(folder, name),
                await infrastructure.Secret(name, cancellationToken),
                cancellationToken
            );
        using var make = Process.Start("mkfifo", [Path.Combine(folder, slow)]);
        await make.WaitForExitAsync(cancellationToken);
        Assert.Equal(0, make.ExitCode);
    }

    /// <summary>Answers whoever reads it, unless it does not want the answer any more.</summary>
    public async Task Answer(string slow, string value, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, slow), value, cancellationToken);
        }
        catch (IOException) { } // the attempt was taken from the reader, which has closed the pipe
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
