using System.Text;

namespace Nightshift.DagFiles;

/// <summary>
/// What the Linux kernel takes when a program starts (execve(2)): beyond it the container ends with "argument list too
/// long", which names no variable.
/// </summary>
static class ProcessLimits
{
    /// <summary>Bytes of one argument, or of one <c>NAME=value</c>: MAX_ARG_STRLEN, without its closing NUL.</summary>
    public const int StringBytes = 128 * 1024 - 1;

    /// <summary>
    /// Bytes of all arguments and variables: a quarter of the usual 8 MiB stack, without 128 KiB for what the image and
    /// the executor add.
    /// </summary>
    public const int TotalBytes = 2 * 1024 * 1024 - 128 * 1024;

    const int Pointer = 8; // each string also takes a pointer

    /// <summary>Why a variable is too long; null when it fits.</summary>
    public static string? Mistake(string name, string value) =>
        Encoding.UTF8.GetByteCount(name) + 1L + Encoding.UTF8.GetByteCount(value) is > StringBytes and var bytes
            ? $"The variable '{name}' has {bytes} bytes with its name; a program takes at most {StringBytes}. "
                + $"Hand the data on in smaller parts"
            : null;

    /// <summary>Why an argument is too long; null when it fits.</summary>
    public static string? Mistake(string argument) =>
        Encoding.UTF8.GetByteCount(argument) is > StringBytes and var bytes
            ? $"An argument has {bytes} bytes; a program takes at most {StringBytes}. Put the script into the image"
            : null;

    /// <summary>Why a command and its environment are too long together; null when they fit.</summary>
    public static string? Mistake(IEnumerable<string> command, IReadOnlyDictionary<string, string> env)
    {
        var bytes =
            command.Sum(x => Encoding.UTF8.GetByteCount(x) + 1L + Pointer)
            + env.Sum(x => Encoding.UTF8.GetByteCount(x.Key) + Encoding.UTF8.GetByteCount(x.Value) + 2L + Pointer);
        return bytes > TotalBytes
            ? $"The command and its environment have {bytes} bytes together; a program takes at most "
                + $"{TotalBytes}. Hand on less"
            : null;
    }
}
