using System.Text;
using Nightshift.Plumbing.Text;

namespace Nightshift.Executor.Logs;

/// <summary>
/// The file <c>$NIGHTSHIFT_OUTPUT</c>, as the container prints it between two markers when its command has ended. Its
/// lines are no part of the log. The form is that of GitHub Actions: <c>name=value</c>, or
/// <c>name&lt;&lt;DELIMITER</c>, lines, <c>DELIMITER</c>.
/// </summary>
/// <param name="container">The container's id. Its beginning is in the markers, so that no text that was written
/// before the container existed can be taken for one.</param>
public sealed class OutputFile(string container)
{
    /// <summary>What a marker begins with; the first digits of the container's id follow.</summary>
    public const string BeginMarker = "::nightshift-output-begin ",
        EndMarker = "::nightshift-output-end ";

    /// <summary>Digits of its id that an engine gives a container as its host name.</summary>
    const int HostNameLength = 12;

    /// <summary>Bytes of the file that are read: all outputs at their limit, with names and delimiters.</summary>
    public const int Longest = TaskMessages.MostOutputs * (TaskMessages.LongestOutput + 1024);

    readonly string begin = BeginMarker + Excerpt.Start(container, HostNameLength);
    readonly string end = EndMarker + Excerpt.Start(container, HostNameLength);
    List<string>? lines;
    int length;

    /// <summary>True between the markers.</summary>
    public bool IsOpen => lines is not null;

    /// <summary>
    /// Looks for the file's beginning. A last line of the command without a line end stands before the marker.
    /// </summary>
    /// <returns>What stands before the marker; null when there is none.</returns>
    public string? Begin(string line)
    {
        if (!line.EndsWith(begin, StringComparison.Ordinal))
            return null;
        (lines, length) = ([], 0);
        return line[..^begin.Length];
    }

    /// <summary>Takes a line between the markers.</summary>
    /// <returns>False for the marker behind the last one.</returns>
    public bool Take(string line)
    {
        if (line == end)
            return false;
        length += Encoding.UTF8.GetByteCount(line) + 1;
        if (length <= Longest)
            lines!.Add(line);
        return true;
    }

    /// <summary>Closes the file.</summary>
    /// <param name="messages">What the task has told before; the file is later.</param>
    /// <param name="mask">Takes secrets out of the values.</param>
    /// <param name="whole">False when the log ended before the file did.</param>
    public TaskMessages Close(TaskMessages messages, Masker mask, bool whole)
    {
        var read = lines ?? [];
        lines = null;
        if (!whole)
            return messages.Wrong("The file $NIGHTSHIFT_OUTPUT could not be read to its end");
        if (length > Longest)
            return messages.Wrong($"The file $NIGHTSHIFT_OUTPUT is longer than {Longest / 1024} KiB");
        return Read(read, messages, mask);
    }

    static TaskMessages Read(List<string> lines, TaskMessages messages, Masker mask)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            var (line, number) = (lines[i], i + 1);
            if (line.Length == 0)
                continue;
            var (equals, shift) = (line.IndexOf('='), line.IndexOf("<<", StringComparison.Ordinal));
            var several = shift >= 0 && (equals < 0 || shift < equals);
            var name = line[..Math.Max(0, several ? shift : equals)];
            if (!WorkflowCommand.IsName(name))
                return messages.Wrong(
                    $"Line {number} of $NIGHTSHIFT_OUTPUT is neither name=value nor name<<DELIMITER; "
                        + "a name is a letter or _, then letters, digits, _ and -"
                );
            var value = line[(equals + 1)..];
            if (several)
            {
                var close = lines.IndexOf(line[(shift + 2)..], i + 1);
                if (close < 0 || shift + 2 == line.Length)
                    return messages.Wrong(
                        $"The output '{name}' on line {number} of $NIGHTSHIFT_OUTPUT has no delimiter at its end"
                    );
                value = string.Join('\n', lines[(i + 1)..close]);
                i = close;
            }
            messages = messages.Set(name, mask.Apply(value));
        }
        return messages;
    }
}
