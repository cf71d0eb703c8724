namespace Nightshift.Cli.Tests.Dags.Import;

/// <summary>DAGs in the forms in which Airflow gives them.</summary>
static class AirflowSamples
{
    /// <summary>Version 3 of the serialised form, as Airflow 3 stores it.</summary>
    public const string Serialized = """
        {
          "__version": 3,
          "client_defaults": { "tasks": { "retry_delay": 120.0 } },
          "dag": {
            "dag_id": "etl.daily",
            "fileloc": "/dags/etl.py",
            "relative_fileloc": "etl.py",
            "description": "Loads what came in: daily",
            "doc_md": "# Loader\nAsk the data team.",
            "tags": ["data", "daily"],
            "timezone": "Europe/Berlin",
            "timetable": {
              "__type": "airflow.timetables.interval.CronDataIntervalTimetable",
              "__var": { "expression": "0 2 * * *", "timezone": "Europe/Berlin" }
            },
            "start_date": 1767225600.0,
            "catchup": false,
            "max_active_runs": 1,
            "max_active_tasks": 16,
            "max_consecutive_failed_dag_runs": 0,
            "dagrun_timeout": 7200.0,
            "has_on_failure_callback": true,
            "default_args": { "__type": "dict", "__var": { "retries": 2 } },
            "params": [
              ["table", { "__class": "airflow.sdk.definitions.param.Param", "default": "orders",
                "description": null, "schema": { "__type": "dict", "__var": { "type": "string" } } }],
              ["limit", { "__class": "airflow.sdk.definitions.param.Param", "default": 10,
                "description": null, "schema": { "__type": "dict", "__var": {} } }]
            ],
            "task_group": { "_group_id": null, "children": { "extract": ["operator", "extract"],
              "group": ["taskgroup", { "_group_id": "group", "prefix_group_id": true, "tooltip": "Loads",
                "children": { "group.load": ["operator", "group.load"] } }] } },
            "edge_info": {},
            "dag_dependencies": [],
            "tasks": [
              { "__type": "operator", "__var": {
                "task_id": "extract", "task_type": "BashOperator",
                "_task_module": "airflow.providers.standard.operators.bash",
                "template_fields": ["bash_command", "env", "cwd"], "template_ext": [".sh", ".bash"],
                "bash_command": "extract --day '{{ ds }}' --table {{ params.table }}",
                "env": { "STAMP": "{{ ts_nodash }}" }, "retries": 2, "pool": "database",
                "execution_timeout": 900.0, "retry_exponential_backoff": 2.0, "max_retry_delay": 3600.0,
                "downstream_task_ids": ["group.load", "notify"], "ui_color": "#f0ede4", "_needs_expansion": false } },
              { "__type": "operator", "__var": {
                "task_id": "group.load", "task_type": "DockerOperator",
                "_task_module": "airflow.providers.docker.operators.docker",
                "template_fields": ["image", "command", "environment", "env_file", "container_name"],
                "image": "acme/loader:2", "command": "load --from 'a b' {{ ds }}", "retries": 2,
                "environment": { "MODE": "full" }, "downstream_task_ids": ["done"] } },
              { "__type": "operator", "__var": {
                "task_id": "notify", "task_type": "PythonOperator", "retries": 2,
                "_task_module": "airflow.providers.standard.operators.python",
                "template_fields": ["templates_dict", "op_args", "op_kwargs"], "op_args": [], "op_kwargs": {},
                "downstream_task_ids": ["done"] } },
              { "__type": "operator", "__var": {
                "task_id": "done", "task_type": "EmptyOperator", "_is_empty": true, "template_fields": [],
                "_task_module": "airflow.providers.standard.operators.empty", "trigger_rule": "all_done" } }
            ]
          }
        }
        """;

    /// <summary>What <c>/api/v2/dags/{id}/details</c> answers.</summary>
    public const string Details = """
        {
          "dag_id": "report", "dag_display_name": "report", "is_paused": false, "is_stale": false,
          "fileloc": "/dags/report.py", "description": null, "timetable_summary": "0 6 * * *",
          "timetable_description": "At 06:00", "timezone": "UTC", "tags": [{ "name": "bi", "dag_id": "report" }],
          "max_active_tasks": 16, "max_active_runs": 16, "max_consecutive_failed_dag_runs": 0,
          "has_task_concurrency_limits": false, "has_import_errors": false, "catchup": true,
          "start_date": "2024-01-01T00:00:00Z", "end_date": null, "dag_run_timeout": "PT1H30M",
          "next_dagrun_logical_date": "2026-02-27T06:00:00Z", "next_dagrun_data_interval_start": "2026-02-27T06:00:00Z",
          "next_dagrun_data_interval_end": "2026-02-28T06:00:00Z", "next_dagrun_run_after": "2026-02-28T06:00:00Z",
          "owners": ["bi"], "params": { "rows": { "value": 5, "schema": {}, "description": null } },
          "render_template_as_native_obj": false, "is_paused_upon_creation": null, "file_token": "x", "concurrency": 16
        }
        """;

    /// <summary>What <c>/api/v2/dags/{id}/tasks</c> answers.</summary>
    public const string Tasks = """
        {
          "tasks": [
            { "task_id": "query", "class_ref": { "module_path": "airflow.providers.standard.operators.bash",
              "class_name": "BashOperator" }, "operator_name": "BashOperator", "owner": "bi", "retries": 3.0,
              "retry_delay": { "__type": "TimeDelta", "days": 0, "seconds": 90, "microseconds": 0 },
              "retry_exponential_backoff": false, "execution_timeout": null, "trigger_rule": "all_success",
              "depends_on_past": true, "wait_for_downstream": false, "pool": "default_pool", "pool_slots": 1.0,
              "priority_weight": 5.0, "weight_rule": "downstream", "queue": "reports", "is_mapped": false,
              "start_date": "2024-01-01T00:00:00Z", "end_date": null, "template_fields": ["bash_command", "env", "cwd"],
              "downstream_task_ids": ["send"], "params": {}, "extra_links": [], "ui_color": "#fff",
              "ui_fgcolor": "#000", "task_display_name": "query", "doc_md": null },
            { "task_id": "send", "class_ref": { "module_path": "airflow.providers.standard.operators.empty",
              "class_name": "EmptyOperator" }, "operator_name": "EmptyOperator", "retries": 0.0,
              "downstream_task_ids": [], "is_mapped": false, "pool": "default_pool" }
          ],
          "total_entries": 2
        }
        """;

    /// <summary>Version 1 of the serialised form, as Airflow 2 stores it.</summary>
    public const string OldSerialized = """
        {
          "__version": 1,
          "dag": {
            "_dag_id": "old", "fileloc": "/dags/old.py", "timezone": "UTC", "schedule_interval": "@daily",
            "start_date": 1609459200.0, "params": { "x": { "__class": "airflow.models.param.Param", "default": 1,
              "description": null, "schema": { "__var": {}, "__type": "dict" } } },
            "_task_group": { "_group_id": null }, "edge_info": {}, "dag_dependencies": [],
            "_processor_dags_folder": "/d",
            "tasks": [
              { "_task_type": "BashOperator", "_task_module": "airflow.operators.bash", "task_id": "a", "label": "a",
                "template_fields": ["bash_command", "env"], "bash_command": "echo hello", "pool": "default_pool",
                "_downstream_task_ids": ["b"], "_inlets": [], "_outlets": [], "_is_dummy": false, "retries": 1,
                "retry_delay": 300.0, "email_on_failure": true },
              { "_task_type": "DummyOperator", "_task_module": "airflow.operators.dummy", "task_id": "b",
                "trigger_rule": "none_failed_or_skipped", "template_fields": [], "_downstream_task_ids": [],
                "_is_dummy": true }
            ]
          }
        }
        """;
}
