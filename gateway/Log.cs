namespace Nightshift.Gateway;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Read {File}")]
    public static partial void FileRead(ILogger log, string file);

    [LoggerMessage(2, LogLevel.Error, "{File} cannot be used, what was read before stays in force: {Why}")]
    public static partial void FileBroken(ILogger log, string file, string why);

    [LoggerMessage(3, LogLevel.Warning, "{Service} did not answer {Method} {Path}: {Why}")]
    public static partial void ServiceFailed(ILogger log, string service, string method, string path, string why);
}
