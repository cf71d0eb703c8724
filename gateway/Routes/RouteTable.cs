using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace Nightshift.Gateway.Routes;

/// <summary>Which service answers what. The only place that knows.</summary>
public static class RouteTable
{
    /// <summary>How long a service may keep silent on an ordinary request.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(100);

    /// <summary>
    /// How long a followed stream or log may be silent: a quiet task can last hours. A service that goes away ends the
    /// connection itself.
    /// </summary>
    public static readonly TimeSpan QuietFor = TimeSpan.FromDays(7);

    /// <summary>GitHub's deliveries; their signature, checked by the service, is the authentication.</summary>
    public const string Webhook = "/webhooks/github";

    static readonly (string Service, string[] Kinds)[] Streams =
    [
        ("scheduler", ["dag", "run", "backfill", "pool", "variable"]),
        ("executor", ["attempt", "container"]),
        ("webhooks", ["delivery"]),
        ("healer", ["case"]),
        ("escalation", ["incident"]),
    ];

    static readonly (string Service, string Path)[] Paths =
    [
        ("scheduler", "/api/v2/dags/{**rest}"),
        ("scheduler", "/api/v2/backfills/{**rest}"),
        ("scheduler", "/api/v2/eventLogs/{**rest}"),
        ("scheduler", "/api/v2/importErrors/{**rest}"),
        ("scheduler", "/api/v2/pools/{**rest}"),
        ("scheduler", "/api/v2/variables/{**rest}"),
        ("healer", "/api/v2/healing/{**rest}"),
        ("escalation", "/api/v2/incidents/{**rest}"),
        ("webhooks", "/api/v2/deliveries/{**rest}"),
        ("scheduler", "/api/v2/retention/scheduler/{**rest}"),
        ("executor", "/api/v2/retention/executor/{**rest}"),
        ("webhooks", "/api/v2/retention/webhooks/{**rest}"),
        ("healer", "/api/v2/retention/healer/{**rest}"),
        ("escalation", "/api/v2/retention/escalation/{**rest}"),
    ];

    const string Logs = "/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{**rest}";

    /// <summary>Every route; a lower order is looked at first.</summary>
    public static IReadOnlyList<RouteConfig> Routes(Backends backends) =>
        [
            Route("webhooks", Webhook, order: 0) with
            {
                Match = new() { Path = Webhook, Methods = ["POST"] },
                AuthorizationPolicy = "anonymous", // YARP's word for a route that is open to strangers
            },
            Route("executor-live", Logs, order: 0) with
            {
                Match = new() { Path = Logs, QueryParameters = [new() { Name = "follow", Values = ["true"] }] },
            },
            Route("executor", Logs, order: 1),
            .. Streams.Select(x => Route($"{x.Service}-live", $"{StreamsOf(x.Kinds)}/follow", order: 0)),
            .. Streams.Select(x => Route(x.Service, $"{StreamsOf(x.Kinds)}/{{**rest}}", order: 1)),
            .. Paths.Select(x => Route(x.Service, x.Path, order: 2)),
            .. backends.All.Select(x => Route(x.Name, $"/api/v2/messages/{x.Name}/{{**rest}}", order: 2)),
            .. backends.Instances.Select(x =>
                Route(MetricsOf(x), $"/metrics/{x.Name}", order: 2) with
                {
                    Transforms = [new Dictionary<string, string> { ["PathSet"] = "/metrics" }],
                }
            ),
        ];

    /// <summary>
    /// Every service twice: for ordinary requests and for following; and each of its processes, for its metrics.
    /// </summary>
    public static IReadOnlyList<ClusterConfig> Clusters(Backends backends) =>
        [
            .. backends.All.SelectMany(x =>
                new[] { Cluster(x.Name, x.Instances, AnswerWithin), Cluster($"{x.Name}{Live}", x.Instances, QuietFor) }
            ),
            .. backends.Instances.Select(x => Cluster(MetricsOf(x), [x], AnswerWithin)),
        ];

    /// <summary>The service, or its process, that a cluster belongs to.</summary>
    public static string ServiceOf(string clusterId) =>
        clusterId.EndsWith(Live, StringComparison.Ordinal) ? clusterId[..^Live.Length]
        : clusterId.EndsWith(Metrics, StringComparison.Ordinal) ? clusterId[..^Metrics.Length]
        : clusterId;

    /// <summary>True for a cluster whose requests concern one process, and no other can answer them.</summary>
    public static bool IsOfOneProcess(string clusterId) => clusterId.EndsWith(Metrics, StringComparison.Ordinal);

    const string Live = "-live",
        Metrics = "-metrics";

    static string MetricsOf(BackendInstance instance) => instance.Name + Metrics;

    // One that hangs takes connections and does not answer; one that is down is noticed when it refuses them.
    static HealthCheckConfig Probed { get; } =
        new()
        {
            Active = new()
            {
                Enabled = true,
                Path = "/livez",
                Interval = TimeSpan.FromSeconds(2),
                Timeout = TimeSpan.FromSeconds(2),
                Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
            },
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
        };

    // A constraint rather than run-{id}: routing looks for such a literal from the right, and an id may contain it
    // again.
    static string StreamsOf(string[] kinds) => $"/api/v2/streams/{{stream:regex(^({string.Join('|', kinds)})-)}}";

    static RouteConfig Route(string cluster, string path, int order) =>
        new()
        {
            RouteId = $"{cluster} {order} {path}",
            ClusterId = cluster,
            Order = order,
            Match = new() { Path = path },
        };

    static ClusterConfig Cluster(string id, IReadOnlyList<BackendInstance> instances, TimeSpan silence) =>
        new()
        {
            ClusterId = id,
            // Byte by byte, as they came: see WebServer.
            HttpClient = new() { RequestHeaderEncoding = "iso-8859-1", ResponseHeaderEncoding = "iso-8859-1" },
            Destinations = instances.ToDictionary(
                x => x.Name,
                x => new DestinationConfig { Address = x.Address.ToString() }
            ),
            HealthCheck = instances.Count > 1 ? Probed : null,
            HttpRequest = new ForwarderRequestConfig
            {
                ActivityTimeout = silence,
                Version = System.Net.HttpVersion.Version11,
                AllowResponseBuffering = false,
            },
        };
}
