using System.Globalization;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>One process of a service.</summary>
/// <param name="Service">The service: <c>scheduler</c>.</param>
/// <param name="Number">1, 2, … among the processes of the service.</param>
public sealed record ServiceInstance(string Service, int Number)
{
    /// <summary>Names its port, its log and the lines about it: <c>scheduler</c>, <c>scheduler-2</c>.</summary>
    public string Name => Number == 1 ? Service : string.Create(CultureInfo.InvariantCulture, $"{Service}-{Number}");

    /// <summary>The port it has unless that is taken: those of further ones lie ten apart.</summary>
    public int UsualPort => Ports.All.Single(x => x.Name == Service).Usual + 10 * (Number - 1);
}

/// <summary>
/// How many processes of a service are started: <c>NIGHTSHIFT_SCHEDULERS</c> and <c>NIGHTSHIFT_EXECUTORS</c>, 1 to 8,
/// default 1. The others do little, and one of each is enough.
/// </summary>
public sealed class ServiceInstances
{
    /// <summary>More would only take memory and connections of the database.</summary>
    public const int Most = 8;

    static readonly IReadOnlyDictionary<string, string> Variables = new Dictionary<string, string>
    {
        ["scheduler"] = "NIGHTSHIFT_SCHEDULERS",
        ["executor"] = "NIGHTSHIFT_EXECUTORS",
    };

    ServiceInstances(IReadOnlyList<ServiceInstance> all) => All = all;

    /// <summary>Those of all services.</summary>
    public IReadOnlyList<ServiceInstance> All { get; }

    /// <summary>Ports that are needed besides those of the first ones.</summary>
    public IReadOnlyList<(string Name, int Usual)> FurtherPorts =>
        [.. All.Where(x => x.Number > 1).Select(x => (x.Name, x.UsualPort))];

    /// <summary>The processes of one service.</summary>
    public IEnumerable<ServiceInstance> Of(string service) => All.Where(x => x.Service == service);

    /// <summary>One of each service.</summary>
    public static ServiceInstances One { get; } = new([.. Services.Names.Select(x => new ServiceInstance(x, 1))]);

    /// <summary>As many as variables ask for.</summary>
    /// <param name="variables">The value of a variable; null for one that is not set.</param>
    /// <exception cref="ProblemException">One holds no number from 1 to <see cref="Most"/>.</exception>
    public static ServiceInstances Read(Func<string, string?> variables) =>
        new([
            .. Services.Names.SelectMany(x =>
                Enumerable.Range(1, Count(x, variables)).Select(n => new ServiceInstance(x, n))
            ),
        ]);

    static int Count(string service, Func<string, string?> variables)
    {
        if (!Variables.TryGetValue(service, out var variable) || variables(variable) is not { Length: > 0 } text)
            return 1;
        return
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is >= 1 and <= Most
            ? count
            : throw new ProblemException($"{variable} is '{text}'; write a number from 1 to {Most}.");
    }
}
