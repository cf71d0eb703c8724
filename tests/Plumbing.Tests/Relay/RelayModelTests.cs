using FsCheck.Xunit;
using Nightshift.Plumbing.Relay;

namespace Nightshift.Plumbing.Tests.Relay;

/// <summary>
/// The relay's decisions on gaps against a model of PostgreSQL: a number is handed out under a lock that the
/// transaction keeps to its end, a commit becomes visible before the lock is released, and anything may happen between
/// the statements of a pass.
/// </summary>
public sealed class RelayModelTests
{
    [Property(MaxTest = 300, Arbitrary = [typeof(Interleaving)])]
    public Task No_event_is_lost_in_any_interleaving(Interleaving interleaving)
    {
        var log = new Log();
        return new RelayScenario(log, log).Play(interleaving.Choices);
    }

    sealed class Log : IWriters, IPass
    {
        const int PageSize = 3;

        readonly SortedSet<long> visible = [];
        readonly Dictionary<int, (string Id, List<long> Numbers)> open = [];
        long sequence;
        int transactions;
        HashSet<string>? holders;
        LogEntry[]? inGaps;

        public Task Take(int writer)
        {
            if (!open.TryGetValue(writer, out var transaction))
                open[writer] = transaction = ($"{writer}/{++transactions}", []);
            transaction.Numbers.Add(++sequence);
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<long>> Commit(int writer)
        {
            if (!open.Remove(writer, out var transaction))
                return Task.FromResult<IReadOnlyList<long>>([]);
            visible.UnionWith(transaction.Numbers);
            return Task.FromResult<IReadOnlyList<long>>(transaction.Numbers);
        }

        public Task Abort(int writer)
        {
            open.Remove(writer);
            return Task.CompletedTask;
        }

        public Task Kill(int writer) => Abort(writer);

        public Task<bool> Step(RelayProgress progress)
        {
            if (holders is null)
                holders = [.. open.Values.Select(x => x.Id)];
            else if (inGaps is null)
                inGaps = [.. Entries(x => progress.Gaps.Any(gap => gap.First <= x && x <= gap.Last))];
            else
            {
                progress.Observe(holders, inGaps, [.. Entries(x => x > progress.Scanned).Take(PageSize)]);
                Restart();
                return Task.FromResult(true);
            }
            return Task.FromResult(false);
        }

        public void Restart() => (holders, inGaps) = (null, null);

        IEnumerable<LogEntry> Entries(Func<long, bool> which) =>
            visible.Where(which).Select(x => new LogEntry(x, Published: false));
    }
}
