using Nightshift.Executor;
using Nightshift.Plumbing.Hosting;

return await NightshiftService.Main(x => ExecutorService.Build(x), args);
