using System.Globalization;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>Whole numbers that limit tasks and DAGs.</summary>
static class AirflowLimits
{
    /// <summary>The largest that a DAG file may have.</summary>
    public const int Most = 1_000_000;

    /// <summary>Adds the number, unless it is the usual one.</summary>
    /// <param name="yaml">Gets it.</param>
    /// <param name="field">Airflow's field.</param>
    /// <param name="name">Its name in DAG files.</param>
    /// <param name="from">The least that is possible.</param>
    /// <param name="usual">What says nothing; null for none.</param>
    /// <param name="findings">Gets what is lost.</param>
    public static void AddWhole(
        YamlMap yaml,
        AirflowValue field,
        string name,
        int from,
        int? usual,
        ImportFindings findings
    )
    {
        if (field.IsEmpty)
            return;
        if (field.Number is not { } number || number < from || number > Most || number % 1 != 0)
            findings.Lose(field.Where, name, $"It is no whole number from {from} to {Most}");
        else if (number != usual)
            yaml.Add(name, new YamlPlain(((int)number).ToString(CultureInfo.InvariantCulture)));
    }
}
