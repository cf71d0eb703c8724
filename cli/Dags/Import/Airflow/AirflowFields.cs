using System.Globalization;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>A field that DAG files do not have.</summary>
/// <param name="Name">Its name in Airflow.</param>
/// <param name="Text">What is lost, and what to do instead.</param>
/// <param name="Default">Airflow's default, which says nothing; null when only an empty value does.</param>
sealed record AirflowField(string Name, string Text, string? Default = null)
{
    /// <summary>Whether the value says something that is lost.</summary>
    public bool IsLost(AirflowValue value) =>
        !value.IsEmpty
        && (
            Default is null
            || value.Scalar != Default && value.Number?.ToString(CultureInfo.InvariantCulture) != Default
        );
}

/// <summary>What becomes of the fields of DAGs and tasks. docs/import.md has the same for people.</summary>
static class AirflowFields
{
    const string NoCallback = "Callbacks are Python; a failure opens an incident, whose channels may run a command";
    const string NoAsset = "Assets are not carried over; let a task trigger the other DAG";

    /// <summary>Fields of a DAG that have no counterpart.</summary>
    public static IReadOnlyList<AirflowField> LostOfDag { get; } =
    [
        new("has_on_success_callback", NoCallback),
        new("has_on_failure_callback", NoCallback),
        new("sla_miss_callback", NoCallback),
        new("deadline", "There are no deadlines; 'dagrun_timeout' ends a run"),
        new("access_control", "Roles are the same for all DAGs"),
        new("allowed_run_types", "Every kind of run is allowed"),
        new("asset_expression", NoAsset),
        new("dataset_triggers", NoAsset),
        new("render_template_as_native_obj", "Templates give text"),
    ];

    /// <summary>Fields of a task that have no counterpart.</summary>
    public static IReadOnlyList<AirflowField> LostOfTask { get; } =
    [
        new("depends_on_previous_tasks", "The task does not wait for the run before"),
        new("wait_for_past_depends_before_skipping", "The task does not wait for the run before"),
        new("email", "No mail is sent; a failure opens an incident, whose channels may run a command"),
        new("sla", "There are no SLAs; 'timeout' ends an attempt"),
        new("executor", "Executors are chosen by 'queue'"),
        new("executor_config", "Set 'memory' and 'cpus' of the task"),
        new("resources", "Set 'memory' and 'cpus' of the task"),
        new("run_as_user", "Containers run as an ordinary user"),
        new("inlets", NoAsset),
        new("outlets", NoAsset),
        new("has_outlets", NoAsset),
        new("has_on_execute_callback", NoCallback),
        new("has_on_failure_callback", NoCallback),
        new("has_on_retry_callback", NoCallback),
        new("has_on_skipped_callback", NoCallback),
        new("has_on_success_callback", NoCallback),
        new("on_execute_callback", NoCallback),
        new("on_failure_callback", NoCallback),
        new("on_retry_callback", NoCallback),
        new("on_skipped_callback", NoCallback),
        new("on_success_callback", NoCallback),
        new("has_retry_policy", "The policy is Python; see 'no_retry_on_exit_code'"),
        new("render_template_as_native_obj", "Templates give text"),
    ];

    /// <summary>Fields of a DAG that are read, or that change nothing about its runs.</summary>
    public static IReadOnlySet<string> KnownOfDag { get; } =
        new HashSet<string>
        {
            // read
            "dag_id",
            "_dag_id",
            "timetable",
            "schedule_interval",
            "timetable_summary",
            "timezone",
            "start_date",
            "end_date",
            "catchup",
            "dagrun_timeout",
            "dag_run_timeout",
            "fail_fast",
            "fail_stop",
            "max_active_runs",
            "max_consecutive_failed_dag_runs",
            "max_active_tasks",
            "_max_active_tasks",
            "_concurrency",
            "tasks",
            "params",
            "description",
            "_description",
            "doc_md",
            "tags",
            "is_paused",
            "is_paused_upon_creation",
            "next_dagrun_logical_date",
            "next_dagrun_data_interval_start",
            "next_dagrun_data_interval_end",
            // in the tasks already
            "default_args",
            // how Airflow finds and shows it
            "fileloc",
            "relative_fileloc",
            "file_token",
            "_processor_dags_folder",
            "processor_dags_folder",
            "bundle_name",
            "bundle_version",
            "disable_bundle_versioning",
            "rerun_with_latest_version",
            "edge_info",
            "task_group",
            "_task_group",
            "dag_dependencies",
            "owner_links",
            "owners",
            "dag_display_name",
            "_dag_display_property_value",
            "dag_display_property_value",
            "orientation",
            "_default_view",
            "default_view",
            "timetable_description",
            "timetable_partitioned",
            "timetable_periodic",
            "last_parsed_time",
            "last_parsed",
            "last_parse_duration",
            "last_expired",
            "last_loaded",
            "is_active",
            "is_stale",
            "is_favorite",
            "has_import_errors",
            "has_task_concurrency_limits",
            "next_dagrun_run_after",
            "concurrency",
            "latest_dag_version",
            "active_runs_count",
            "template_search_path",
            "template_searchpath",
            "is_backfillable",
            "default_run_state",
            "scheduler_lock",
            "pickle_id",
            "last_pickled",
            "root_dag_id",
            "is_subdag",
        };

    /// <summary>Fields of a task that are read, or that change nothing about its runs.</summary>
    public static IReadOnlySet<string> KnownOfTask { get; } =
        new HashSet<string>
        {
            // read
            "task_id",
            "downstream_task_ids",
            "_downstream_task_ids",
            "upstream_task_ids",
            "retries",
            "retry_delay",
            "retry_exponential_backoff",
            "max_retry_delay",
            "execution_timeout",
            "trigger_rule",
            "depends_on_past",
            "wait_for_downstream",
            "is_setup",
            "_is_setup",
            "is_teardown",
            "_is_teardown",
            "on_failure_fail_dagrun",
            "_on_failure_fail_dagrun",
            "queue",
            "pool",
            "pool_slots",
            "priority_weight",
            "weight_rule",
            "max_active_tis_per_dag",
            "task_concurrency",
            "max_active_tis_per_dagrun",
            "params",
            "task_type",
            "_task_type",
            "_task_module",
            "class_ref",
            "is_mapped",
            "_is_mapped",
            "partial_kwargs",
            "expand_input",
            "op_kwargs_expand_input",
            "_expand_input_attr",
            "_disallow_kwargs_override",
            "map_index_template",
            "start_date",
            "end_date",
            "_is_empty",
            "_is_dummy",
            // only with a field that is reported
            "ignore_first_depends_on_past",
            "email_on_failure",
            "email_on_retry",
            // how Airflow shows and runs it
            "owner",
            "label",
            "ui_color",
            "ui_fgcolor",
            "template_fields",
            "template_ext",
            "template_fields_renderers",
            "operator_name",
            "_operator_name",
            "task_display_name",
            "_task_display_name",
            "extra_links",
            "operator_extra_links",
            "_operator_extra_links",
            "_log_config_logger_name",
            "_logger_name",
            "_needs_expansion",
            "_is_sensor",
            "is_sensor",
            "multiple_outputs",
            "do_xcom_push",
            "doc",
            "doc_md",
            "doc_json",
            "doc_yaml",
            "doc_rst",
            "allow_nested_operators",
            "start_from_trigger",
            "start_trigger_args",
            "_inlets",
            "_outlets",
            "deps",
            "subdag",
            "_can_skip_downstream",
            "_is_skippable",
            "language",
            "is_stub",
            "_task_group",
            "task_group",
        };
}
