namespace Nightshift.Timetables;

/// <summary>A text is no cron expression. The message names the field and what is wrong in it.</summary>
public sealed class CronFormatException(string message) : FormatException(message);
