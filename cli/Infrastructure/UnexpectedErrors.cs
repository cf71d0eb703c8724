using System.ComponentModel;
using System.Globalization;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Infrastructure;

/// <summary>What no command foresaw, in words for people; the trace goes to a log.</summary>
public static class UnexpectedErrors
{
    const int DiskFull = 28; // ENOSPC

    /// <returns>What to show: the cause and what to do about it, or where the details are.</returns>
    public static string Words(Exception e, DateTimeOffset now) =>
        Known(e) ?? $"Nightshift failed on something it does not know: {e.Message.TrimEnd('.')}. {Details(e, now)}";

    static string? Known(Exception e) =>
        e switch
        {
            IOException { HResult: DiskFull } =>
                $"The disk is full ({e.Message.TrimEnd('.')}). Make room, then try again.",
            UnauthorizedAccessException =>
                $"{e.Message.TrimEnd('.')}. Run this as the user who ran './nightshift up', or choose a place of "
                    + "your own with NIGHTSHIFT_HOME.",
            DirectoryNotFoundException or FileNotFoundException =>
                $"{e.Message.TrimEnd('.')}. './nightshift up' makes what is missing.",
            HttpRequestException or HttpIOException =>
                $"The connection was lost: {e.GetBaseException().Message.TrimEnd('.')}. Try again; './nightshift "
                    + "status' tells what is up.",
            // a process that could not be started
            Win32Exception => $"{e.Message.TrimEnd('.')}. Install that program, or put it into PATH.",
            _ => null,
        };

    static string Details(Exception e, DateTimeOffset now)
    {
        try
        {
            var home = Home.Find();
            Directory.CreateDirectory(
                home.Logs,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
            LogFile.Trim(home.Log("cli"));
            File.AppendAllText(
                home.Log("cli"),
                string.Create(CultureInfo.InvariantCulture, $"{now:yyyy-MM-ddTHH:mm:ss.fffZ} {e}\n")
            );
            return $"The details are in {home.Log("cli")}.";
        }
        catch (Exception why) when (why is IOException or UnauthorizedAccessException or ProblemException)
        {
            return $"({e.GetType().Name}; the details cannot be written down: {why.Message.TrimEnd('.')}.)";
        }
    }
}
