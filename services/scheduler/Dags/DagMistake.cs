namespace Nightshift.Scheduler.Dags;

/// <summary>One thing wrong in a DAG file.</summary>
/// <param name="Line">Line in the file, from 1.</param>
/// <param name="Text">What is wrong and what to write instead.</param>
public sealed record DagMistake(int Line, string Text);

/// <summary>What reading a DAG file came to: a DAG, or every mistake in it.</summary>
public sealed record DagReading(DagSpec? Spec, IReadOnlyList<DagMistake> Mistakes);
