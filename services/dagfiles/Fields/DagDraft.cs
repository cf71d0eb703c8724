using Nightshift.Contracts;
using Nightshift.DagFiles.Yaml;
using Nightshift.Timetables;

namespace Nightshift.DagFiles.Fields;

/// <summary>A DAG as its fields say it, before <see cref="DagFile"/> makes one of it.</summary>
sealed record DagDraft
{
    /// <summary>Its name; empty when it has none that can be one.</summary>
    public string DagId { get; init; } = "";

    /// <summary>Its schedule; null for none.</summary>
    public Written<ScheduleDraft>? Schedule { get; init; }

    /// <summary>The time zone of its schedule.</summary>
    public string Timezone { get; init; } = TimeZones.Utc;

    /// <summary>Whether missed ticks are made up for.</summary>
    public bool Catchup { get; init; }

    /// <summary>Which pushes start it; null for none.</summary>
    public PushTrigger? Push { get; init; }

    /// <inheritdoc cref="DagSpec.DagRunTimeout"/>
    public TimeSpan? DagRunTimeout { get; init; }

    /// <inheritdoc cref="DagSpec.FailFast"/>
    public bool FailFast { get; init; }

    /// <inheritdoc cref="DagSpec.Requires"/>
    public IReadOnlyList<DagRequirement> Requires { get; init; } = [];

    /// <inheritdoc cref="DagSpec.MaxActiveRuns"/>
    public int? MaxActiveRuns { get; init; }

    /// <inheritdoc cref="DagSpec.MaxConsecutiveFailedDagRuns"/>
    public int? MaxConsecutiveFailedDagRuns { get; init; }

    /// <inheritdoc cref="DagSpec.MaxActiveTasks"/>
    public int? MaxActiveTasks { get; init; }

    /// <summary>What every task has that does not say otherwise.</summary>
    public TaskSpec Defaults { get; init; } = TaskSpec.BuiltIn;

    /// <summary>The parameters, which are read when it is known what starts the DAG; null for none.</summary>
    public YamlNode? Params { get; init; }

    /// <summary>The tasks, which are read when the defaults are known; null for none.</summary>
    public YamlNode? Tasks { get; init; }
}
