using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;
using Npgsql;

namespace Nightshift.Cli.Tests.Infrastructure;

/// <summary>Servers that somebody else runs; here those of the test run.</summary>
public sealed class FoundationTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-home-").FullName;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Passwords_of_given_servers_stand_beside_our_own_in_the_one_folder_of_secrets()
    {
        var (postgres, rabbitMq) = (Required("NIGHTSHIFT_TEST_POSTGRES"), Required("NIGHTSHIFT_TEST_RABBITMQ"));
        var secrets = new Secrets(folder);
        var own = secrets.Get(Secrets.PostgresPassword);

        var found = await Foundation.WithoutPasswords(
            new Endpoints("", "", "unix:///docker.sock", secrets),
            postgres,
            rabbitMq,
            Cancelled
        );

        Assert.Equal(own, secrets.Get(Secrets.PostgresPassword));
        Assert.Equal(folder, found.Secrets.Directory);
        Assert.Equal(rabbitMq, found.RabbitMqWithPassword);
        Assert.DoesNotContain("Password", found.Postgres, StringComparison.Ordinal);
        Assert.Equal(new NpgsqlConnectionStringBuilder(postgres).Password, secrets.Get(found.PostgresSecret));
    }

    [Fact]
    public void Every_service_looks_for_all_secrets_in_that_folder()
    {
        var endpoints = new Endpoints("Host=db", "amqp://me@broker/", "unix:///docker.sock", new Secrets(folder))
        {
            PostgresSecret = Secrets.GivenPostgresPassword,
            RabbitMqSecret = Secrets.GivenRabbitMqPassword,
        };
        var ports = Ports.All.ToDictionary(x => x.Name, x => x.Usual);
        Assert.All(
            Services
                .Describe(new Home(folder, folder, folder), ports, endpoints, ServiceInstances.One, migrate: false)
                .SelectMany(x => x),
            part =>
            {
                Assert.Equal(folder, part.Environment["Nightshift__SecretsDirectory"]);
                Assert.Equal(
                    (Secrets.GivenPostgresPassword, Secrets.GivenRabbitMqPassword),
                    (part.Environment["Nightshift__PostgresSecret"], part.Environment["Nightshift__RabbitMqSecret"])
                );
            }
        );
    }

    static string Required(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Assert.SkipWhen(string.IsNullOrEmpty(value), $"{variable} is not set; run ./nightshift test");
        return value!;
    }
}
