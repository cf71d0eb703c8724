using System.Text;
using Nightshift.Cli.Client;
using Nightshift.Cli.Dags.Import.Airflow.Jinja;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>What became of a task's work.</summary>
enum WorkKind
{
    /// <summary>The task does nothing, as in Airflow.</summary>
    Nothing,

    /// <summary>The task runs what it ran.</summary>
    Command,

    /// <summary>The task fails and says what is missing.</summary>
    Missing,
}

/// <summary>Translates what a task runs. What cannot be carried over becomes a task that fails and says so.</summary>
sealed class AirflowOperator(AirflowTask task, JinjaScope scope, string? image, ImportFindings findings)
{
    // [core] max_templated_field_length; what Airflow writes in the place of a longer field.
    const string Truncated = "Truncated. You can change this behaviour in [core]max_templated_field_length.";

    const int SkipExitCode = 99; // BashOperator's default, which its JSON does not have

    public WorkKind AddWork(YamlMap yaml)
    {
        if (task.IsEmptyOperator && !task.IsMapped)
        {
            yaml.Add("noop", YamlPlain.True);
            return WorkKind.Nothing;
        }
        var (work, env) = (new YamlMap(), new YamlMap());
        try
        {
            Add(work, env);
            foreach (var (key, value) in work.Entries)
                yaml.Add(key, value);
            yaml.Add("env", env);
            return WorkKind.Command;
        }
        catch (NotCarriedOverException e)
        {
            Missing(yaml, e.Message);
            return WorkKind.Missing;
        }
    }

    void Missing(YamlMap yaml, string why)
    {
        findings.Lose(
            scope.Where.Length > 0 ? scope.Where : task.Where,
            task.Operator,
            $"{why}; the task fails until it has a 'run' or 'command'"
        );
        task.DropArguments();
        yaml.Add("image", image);
        ShellTask.AddFailure(yaml, $"{task.Operator}: {Terminal.Excerpt(why, 500)}");
    }

    void Add(YamlMap work, YamlMap env)
    {
        if (task.IsMapped)
            throw new NotCarriedOverException("Mapped tasks are not carried over; write the task with 'for_each'");
        switch (task.Operator)
        {
            case "BashOperator":
                AddBash(work, env);
                break;
            case "DockerOperator":
                AddDocker(work, env);
                break;
            case "KubernetesPodOperator":
                AddPod(work, env);
                break;
            default:
                throw new NotCarriedOverException("The operator has no counterpart");
        }
    }

    void AddBash(YamlMap work, YamlMap env)
    {
        var script = Required("bash_command");
        if (
            !script.Contains('\n')
            && (script.EndsWith(".sh", StringComparison.Ordinal) || script.EndsWith(".bash", StringComparison.Ordinal))
        )
            throw new NotCarriedOverException($"The script is in the file '{script}', which the JSON does not have");
        AddEnv(env, task.Argument("env"));
        var folder = task.Argument("cwd") is { Exists: true } cwd ? $"cd {Folder(cwd)}\n" : "";
        scope.Where = task.Argument("bash_command").Where;
        var line = folder + ShellTemplate.Translate(script, scope, env);
        work.Add("image", image);
        if (!ShellTask.AddLine(work, env, "bash", line))
            throw new NotCarriedOverException("The script is longer than the 128 KiB that a program takes");
        work.Add("skip_on_exit_code", new YamlPlain($"{SkipExitCode}"));
    }

    static string Folder(AirflowValue cwd) =>
        cwd.Text is { } folder && !JinjaTemplate.IsTemplate(folder)
            ? $"{ShellTask.Quoted(folder)} || exit"
            : throw new NotCarriedOverException("'cwd' is no plain text");

    void AddDocker(YamlMap work, YamlMap env)
    {
        AddImage(work);
        AddEnv(env, task.Argument("environment"));
        if (!task.Argument("env_file").IsEmpty)
            throw new NotCarriedOverException("The JSON does not have what is in 'env_file'");
        task.Argument("container_name");
        var command = task.Argument("command");
        scope.Where = command.Where;
        AddCommand(work, env, command.Text is { } text ? Words(Intact(text)) : Texts(command));
        findings.Note(scope.Where, "command", "It takes the place of the image's entrypoint");
    }

    void AddPod(YamlMap work, YamlMap env)
    {
        AddImage(work);
        foreach (var variable in task.Argument("env_vars").Items())
            AddVariable(env, variable, variable.At("name").Text, variable.At("value"));
        if (task.Argument("env_vars") is { IsArray: false } map)
            AddEnv(env, map);
        foreach (var name in new[] { "name", "namespace", "labels", "annotations", "hostname" })
            task.Argument(name); // how Kubernetes finds the pod
        var (program, arguments) = (task.Argument("cmds"), task.Argument("arguments"));
        scope.Where = program.Where;
        if (program.IsEmpty && !arguments.IsEmpty)
            findings.Note(arguments.Where, "arguments", "They take the place of the image's entrypoint");
        AddCommand(work, env, [.. Texts(program), .. Texts(arguments)]);
    }

    void AddImage(YamlMap work)
    {
        var name = Required("image");
        if (JinjaTemplate.IsTemplate(name) || name.Any(char.IsControl))
            throw new NotCarriedOverException("'image' is no plain text");
        work.Add("image", name);
    }

    // A command has no templates: with one, a shell puts the variables where they belong.
    void AddCommand(YamlMap work, YamlMap env, IReadOnlyList<string> command)
    {
        if (command.Count == 0)
            throw new NotCarriedOverException("It runs the command of the image, which the JSON does not have");
        var added = command.Any(JinjaTemplate.IsTemplate)
            ? ShellTask.AddLine(work, env, "sh", "exec " + string.Join(' ', command.Select(x => Word(x, env))))
            : ShellTask.AddCommand(work, command);
        if (!added)
            throw new NotCarriedOverException("The command is longer than a program takes, or reads as a template");
    }

    string Word(string argument, YamlMap env)
    {
        var word = new StringBuilder();
        foreach (var part in JinjaTemplate.Translate(argument, scope))
            word.Append(
                part.Liquid is { } liquid
                    ? $"\"${{{ShellTemplate.VariableOf(liquid, "", env)}}}\""
                    : ShellTask.Quoted(part.Text!)
            );
        return word.Length == 0 ? "''" : word.ToString();
    }

    void AddEnv(YamlMap env, AirflowValue variables)
    {
        if (!variables.IsEmpty && !variables.IsObject)
            throw new NotCarriedOverException("The environment is made by Python");
        foreach (var (name, value) in variables.Members())
            AddVariable(env, value, name, value);
    }

    void AddVariable(YamlMap env, AirflowValue where, string? name, AirflowValue value)
    {
        scope.Where = where.Where;
        if (name is null || value.Exists && value.Scalar is null)
            throw new NotCarriedOverException("A variable of the environment is no plain text");
        var text = value.Exists ? JinjaTemplate.ToLiquid(Intact(value.Scalar!), scope) : "";
        if (EnvironmentVariable.Mistake(name, text) is { } mistake)
            throw new NotCarriedOverException($"Variable '{Terminal.Excerpt(name, 60)}': {mistake}");
        env.Add(name, text);
    }

    string Required(string field)
    {
        var value = task.Argument(field);
        scope.Where = value.Where;
        return value.Text is { Length: > 0 } text
            ? Intact(text)
            : throw new NotCarriedOverException(
                value.Exists ? $"'{field}' is no text" : $"'{field}' is not in this JSON; the serialised DAG has it"
            );
    }

    static string Intact(string text) =>
        text.StartsWith(Truncated, StringComparison.Ordinal)
            ? throw new NotCarriedOverException(
                "Airflow has cut it off; raise [core] max_templated_field_length and export it again"
            )
            : text;

    static IReadOnlyList<string> Texts(AirflowValue list) =>
        list.IsEmpty ? []
        : list.IsArray && list.Items().All(x => x.Scalar is not null) ? [.. list.Items().Select(x => Intact(x.Scalar!))]
        : throw new NotCarriedOverException("The command is no list of texts");

    // As Docker's client for Python splits a command: the words of a shell, without its other rules.
    static List<string> Words(string text)
    {
        if (text.TrimStart().StartsWith('['))
            throw new NotCarriedOverException("The command is a list that Python writes as text");
        return ShellWords.Split(text);
    }
}
