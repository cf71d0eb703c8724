using Nightshift.Conformance.Tests;

// `vectors DIR` runs vectors for the command line; anything else is for the test runner.
if (args is not ["vectors", var folder])
    return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);

if (!Directory.Exists(folder))
{
    Console.Error.WriteLine($"There is no folder {folder}.");
    return 2;
}
var reports = VectorFile.Find(folder).Select(VectorRun.Of).ToList();
foreach (var report in reports)
{
    Console.WriteLine(report);
    foreach (var skip in report.Skips)
        Console.WriteLine($"  {skip}");
}
var failures = reports.SelectMany(x => x.Failures).ToList();
foreach (var failure in failures.Take(10))
    Console.WriteLine($"FAILED {failure}");
if (failures.Count > 10)
    Console.WriteLine($"and {failures.Count - 10} more");
if (reports.Count == 0)
    Console.Error.WriteLine($"No file below {folder} holds vectors.");
return failures.Count > 0 || reports.Count == 0 ? 1 : 0;
