using System.Diagnostics;

namespace Nightshift.Plumbing.Telemetry;

static class ActivitySources
{
    public const string RelayName = "Nightshift.Relay";
    public static readonly ActivitySource Relay = new(RelayName);
}
