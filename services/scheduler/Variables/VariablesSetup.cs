using Nightshift.Plumbing.Hosting;

namespace Nightshift.Scheduler.Variables;

/// <summary>Variables, put together.</summary>
static class VariablesSetup
{
    /// <summary>Adds their streams and their table.</summary>
    public static void AddVariables(this NightshiftService service)
    {
        service.AddStream(Variable.Stream);
        service.Store(x => x.Storage.ExtendedSchemaObjects.Add(VariableTable.Schema()));
        service.Services.AddSingleton<VariableTable>();
    }
}
