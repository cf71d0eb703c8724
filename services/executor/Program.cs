using Nightshift.Executor;
using Nightshift.Plumbing.Hosting;

await NightshiftService.Run(await ExecutorService.Build(args));
