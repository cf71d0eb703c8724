using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Escalation.Channels;
using Nightshift.Escalation.Incidents;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;
using Nightshift.Testing;

namespace Nightshift.Escalation.Tests.Running;

/// <summary>The whole service in this process, with an ear in place of the command.</summary>
static class RunningEscalation
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<RunningService> Start(
        TestInfrastructure infrastructure,
        string name,
        Ear ear,
        params string[] settings
    ) =>
        await RunningService.Start(
            await EscalationService.Build(infrastructure.Arguments(settings), name, x => x.AddSingleton<IChannel>(ear)),
            Role.Viewer,
            Stop
        );

    /// <summary>Tiers for settings: each begins so long after the one before it, and tells the ear.</summary>
    public static string[] Tiers(params string[] delays) =>
        [
            .. delays.SelectMany(
                (x, i) =>
                    new[]
                    {
                        $"--Escalation:Tiers:{i}:After={x}",
                        $"--Escalation:Tiers:{i}:Channels:0=command",
                        $"--Escalation:Tiers:{i}:Channels:1=status",
                    }
            ),
            "--Escalation:Command:0=/bin/true",
        ];

    extension(RunningService escalation)
    {
        public Task<T> Get<T>(string path) => escalation.Read<T>(path, Stop);

        public async Task<IncidentRow> Row(string id) =>
            (await escalation.Get<IncidentDetail>($"/api/v2/incidents/{id}")).Row;

        /// <summary>Asks for something as somebody.</summary>
        public async Task<HttpResponseMessage> Send(
            HttpMethod method,
            string path,
            Role role = Role.Operator,
            string caller = "anna",
            object? body = null
        )
        {
            using var request = new HttpRequestMessage(method, path)
            {
                Content = body is null ? null : JsonContent.Create(body, options: Json.Options),
            };
            request.Headers.Add(GatewayHeaders.Caller, caller);
            request.Headers.Add(GatewayHeaders.Role, role.ToString());
            return await escalation.Http.SendAsync(request, Stop);
        }
    }
}
