using MassTransit.Logging;
using MassTransit.Monitoring;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Nightshift.Plumbing.Telemetry;

/// <summary>JSON log lines, traces across the bus, metrics for Prometheus.</summary>
public static class TelemetrySetup
{
    /// <summary>
    /// Adds them to a service. Traces leave the process only when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; trace ids
    /// are in the log lines either way.
    /// </summary>
    public static void AddTelemetry(this WebApplicationBuilder builder, string service)
    {
        builder.Logging.ClearProviders();
        builder.Logging.Configure(x =>
            x.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId
        );
        builder.Logging.AddJsonConsole(x =>
            (x.IncludeScopes, x.UseUtcTimestamp, x.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ")
        );
        builder
            .Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
            .AddFilter("MassTransit", LogLevel.Warning)
            .AddFilter("JasperFx", LogLevel.Warning)
            .AddFilter("Marten", LogLevel.Warning)
            // Each failed statement with its values, also of a race that is decided again. Who waits for it reports it.
            .AddFilter("Marten.IDocumentStore", LogLevel.None)
            .AddFilter("Npgsql", LogLevel.Warning)
            .AddFilter("Yarp", LogLevel.Warning)
            .AddFilter("System.Net.Http", LogLevel.Warning);

        var exports = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var telemetry = builder
            .Services.AddOpenTelemetry()
            .ConfigureResource(x => x.AddService($"nightshift-{service}"));
        telemetry.WithTracing(x =>
        {
            x.AddSource(DiagnosticHeaders.DefaultListenerName, "Marten", "Nightshift.*").AddAspNetCoreInstrumentation();
            // Without an exporter spans carry ids and nothing else, which costs next to nothing.
            x.SetSampler(exports ? new ParentBasedSampler(new AlwaysOnSampler()) : new AlwaysOffSampler());
            if (exports)
                x.AddOtlpExporter();
        });
        telemetry.WithMetrics(x =>
            x.AddMeter(InstrumentationOptions.MeterName, "Marten", "Nightshift", "Microsoft.AspNetCore.Hosting")
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter()
        );
    }
}
