using System.Globalization;
using Nightshift.Executor.Logs;

namespace Nightshift.Executor.Containers;

/// <summary>
/// How the file <c>$NIGHTSHIFT_OUTPUT</c> leaves a container that has neither network nor mounts: the image's shell
/// runs the command and prints the file behind everything else. Why not a volume: docs/decisions/0020.
/// </summary>
static class OutputScript
{
    /// <summary>The variable that names the file.</summary>
    public const string Variable = "NIGHTSHIFT_OUTPUT";

    /// <summary>Where the file is; as large as <c>/tmp</c> allows, gone with the container.</summary>
    public const string Path = "/tmp/nightshift-output";

    /// <summary>
    /// Lets the container's init hand signals to all processes of the command: the shell waits for it to end.
    /// </summary>
    public const string SignalGroup = "TINI_KILL_PROCESS_GROUP";

    // The host name is the beginning of the container's id; nobody knew it before the container was made.
    static readonly string Text = string.Create(
        CultureInfo.InvariantCulture,
        $"""
        trap : TERM INT QUIT HUP USR1 USR2 WINCH
        true >"${Variable}"
        "$@"
        code=$?
        [ -s "${Variable}" ] || exit "$code"
        read -r host </proc/sys/kernel/hostname
        echo "{OutputFile.BeginMarker}$host"
        head -c {OutputFile.Longest + 1} "${Variable}" || echo '?'
        echo
        echo "{OutputFile.EndMarker}$host"
        exit "$code"
        """
    );

    /// <summary>The shell of the image. Where there is none, there is no file either.</summary>
    public const string Shell = "/bin/sh";

    /// <summary>The command under the shell.</summary>
    public static IEnumerable<string> Around(IEnumerable<string> command) => [Shell, "-c", Text, "sh", .. command];
}
