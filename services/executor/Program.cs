using Nightshift.Executor;
using Nightshift.Plumbing.Hosting;

return await NightshiftService.Main(ExecutorService.Build, args);
