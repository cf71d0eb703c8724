using System.Text;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Dags.Import;

/// <summary>Reads what is imported, within a bound.</summary>
static class SourceFile
{
    /// <summary>The most that is read of one file, in bytes. Airflow's largest DAGs have some megabytes.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>The text of a file, as UTF-8 or, with a byte order mark, UTF-16. Bytes that are neither become
    /// U+FFFD.</summary>
    /// <param name="path">Its path, or <c>-</c> for standard input.</param>
    /// <exception cref="ProblemException">It cannot be read, or is too long.</exception>
    public static string Read(string path)
    {
        try
        {
            using var stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            var buffer = new MemoryStream();
            var part = new byte[64 * 1024];
            for (int count; (count = stream.Read(part)) > 0; buffer.Write(part, 0, count))
                if (buffer.Length + count > MaxBytes)
                    throw new ProblemException($"{path} has more than {MaxBytes} bytes; import it in parts.");
            buffer.Position = 0;
            using var reader = new StreamReader(buffer, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException($"{path} cannot be read: {e.Message}");
        }
    }
}
