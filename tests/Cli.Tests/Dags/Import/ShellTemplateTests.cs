using Nightshift.Cli.Dags.Import;
using Nightshift.Cli.Dags.Import.Airflow.Jinja;

namespace Nightshift.Cli.Tests.Dags.Import;

/// <summary>A script with variables prints what the script would print with the values in their places.</summary>
public sealed class ShellTemplateTests
{
    static JinjaScope Scope() =>
        new("etl", "load", new HashSet<string> { "table", "a-b", "n" }, x => x == "extract" ? "extract" : null, new());

    [Theory]
    [InlineData("echo {{ ds }}")]
    [InlineData("echo '{{ ds }}'")]
    [InlineData("echo \"{{ ds }}\"")]
    [InlineData("echo $'a\\'{{ ds }}\\t'")]
    [InlineData("echo a{{ ds }}b '{{ ds }}'{{ run_id }}\"{{ ds_nodash }}\"")]
    [InlineData("echo \"$(echo '{{ ds }}' \"x {{ run_id }}\")\"")]
    [InlineData("echo `echo '{{ ds }}'`")]
    [InlineData("# it's {{ ds }}\necho '{{ ds }}'")]
    [InlineData("echo x#it's\\ {{ ds }}'")]
    [InlineData("echo \\'{{ ds }} '{{ run_id }}'")]
    [InlineData("cat <<EOF\nit's {{ ds }}\nEOF\necho '{{ ds }}'")]
    [InlineData("cat <<-EOF | tr a-z A-Z\n\tit's {{ run_id }}\n\tEOF\necho '{{ ds }}'")]
    [InlineData("cat <<'EOF'\nit's\nEOF\necho '{{ ds }}'")]
    [InlineData("cat <<< '{{ ds }}'")]
    [InlineData("echo $((1 << 2)) '{{ ds }}'")]
    [InlineData("case '{{ ds }}' in 2026*) echo '{{ run_id }}' ;; esac")]
    [InlineData("(echo '{{ ds }}'; echo \"{{ ds }}\") | sort")]
    [InlineData("DS=mine; echo $DS {{ ds }}")]
    [InlineData("echo '{{ task.task_id }}' {{ dag.dag_id }}{# no #} {% raw %}{{ ds }}{% endraw %}")]
    [InlineData("echo [{{- ds -}}  ]")]
    public async Task Quotes_stay_what_they_were(string template)
    {
        var env = new YamlMap();
        var script = ShellTemplate.Translate(template, Scope(), env);
        var values = env.Entries.ToDictionary(x => x.Key, x => ImportedFile.Rendered((string)x.Value));
        var pasted = string.Concat(
            JinjaTemplate
                .Translate(template, Scope())
                .Select(x => x.Text ?? ImportedFile.Rendered($"{{{{ {x.Liquid} }}}}"))
        );
        Assert.Equal(
            await ImportedFile.Bash(["bash", "-c", pasted], []),
            await ImportedFile.Bash(["bash", "-c", script], values)
        );
    }

    [Fact]
    public async Task A_value_is_data_and_never_code()
    {
        var env = new YamlMap();
        var script = ShellTemplate.Translate("echo '{{ params.table }}' \"{{ params.table }}\"", Scope(), env);
        var values = env.Entries.ToDictionary(x => x.Key, x => ImportedFile.Rendered((string)x.Value));
        Assert.Equal(["PARAMS_TABLE"], values.Keys);
        Assert.Equal(
            "it's a \"table\"; $HOME it's a \"table\"; $HOME\n",
            await ImportedFile.Bash(["bash", "-c", script], values)
        );
    }

    [Theory]
    [InlineData("cat <<'EOF'\n{{ ds }}\nEOF")]
    [InlineData("echo \\{{ ds }}")]
    [InlineData("echo \"$(case x in x) echo '{{ ds }}' ;; esac)\"")]
    [InlineData("{% for x in y %}a{% endfor %}")]
    [InlineData("echo {{ ds")]
    [InlineData("echo {{ ds + 1 }}")]
    public void Where_no_variable_can_stand_nothing_is_translated(string template) =>
        Assert.Throws<NotCarriedOverException>(() => ShellTemplate.Translate(template, Scope(), new()));

    [Theory]
    [InlineData("{{ ds }}", "2026-03-01")]
    [InlineData("{{ ds_nodash }}", "20260301")]
    [InlineData("{{ ts }}", "2026-03-01T09:05:07+00:00")]
    [InlineData("{{ ts_nodash }}", "20260301T090507")]
    [InlineData("{{ ts_nodash_with_tz }}", "20260301T090507+0000")]
    [InlineData("{{ logical_date }}", "2026-03-01 09:05:07+00:00")]
    [InlineData("{{ execution_date.strftime('%Y/%m/%d %H%M') }}", "2026/03/01 0905")]
    [InlineData("{{ data_interval_start | ds }}", "2026-02-28")]
    [InlineData("{{ data_interval_end | ts_nodash }}", "20260301T090507")]
    [InlineData("{{ dag_run.logical_date.isoformat() }}", "2026-03-01T09:05:07+00:00")]
    [InlineData("{{ data_interval_start.year }}-{{ logical_date.month }}-{{ logical_date.day }}", "2026-3-1")]
    [InlineData("{{ logical_date.int_timestamp }}", "1772355907")]
    [InlineData("{{ macros.ds_add(ds, -1) }}", "2026-02-28")]
    [InlineData("{{ macros.ds_add(ds, 31) }}", "2026-04-01")]
    [InlineData("{{ macros.ds_format(ds, '%Y-%m-%d', '%d.%m.%y') }}", "01.03.26")]
    [InlineData("{{ run_id }} {{ dag_run.run_id }}", "manual__etl__1 manual__etl__1")]
    [InlineData("{{ params.n }} {{ params['a-b'] }} {{ dag_run.conf['n'] }}", "7 x 7")]
    [InlineData("{{ dag_run.conf.get('n', '9') }}", "7")]
    [InlineData("{{ ti.xcom_pull(task_ids='extract') }}", "42")]
    [InlineData("{{ task_instance.xcom_pull(['extract'], key='file name') | upper }}", "F.CSV")]
    [InlineData("{{ ds | replace('-', '/') }}", "2026/03/01")]
    [InlineData("{{ var.value.region }} {{ var.value.get('none', 'us') }}", "eu us")]
    [InlineData("{{ var.json.hosts.first_one }} {{ var.value.get('region') }}", "a eu")]
    [InlineData("a{{ dag.dag_id }}{{ '{{' }}b {% raw %}{{ ds }}{% endraw %} {# no #}", "aetl{{b {{ ds }} ")]
    [InlineData("{ {{ ds }} }", "{ 2026-03-01 }")]
    public void Values_are_those_of_Airflow(string jinja, string value) =>
        Assert.Equal(value, ImportedFile.Rendered(JinjaTemplate.ToLiquid(jinja, Scope())));

    [Theory]
    [InlineData("{{ var.value.api_key }}", "secret:NAME")]
    [InlineData("{{ conn.db.host }}", "connections")]
    [InlineData("{{ params.other }}", "no parameter 'other'")]
    [InlineData("{{ ti.xcom_pull(task_ids='later') }}", "needs")]
    [InlineData("{{ logical_date.strftime('%f') }}", "date format")]
    [InlineData("{{ ds if x else y }}", "not translated")]
    [InlineData("{{ my_macro(ds) }}", "not translated")]
    [InlineData("{{ ds | tojson }}", "not translated")]
    public void What_has_no_counterpart_is_named(string jinja, string named) =>
        Assert.Contains(
            named,
            Assert.Throws<NotCarriedOverException>(() => JinjaTemplate.ToLiquid(jinja, Scope())).Message,
            StringComparison.Ordinal
        );
}
