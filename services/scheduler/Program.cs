using Nightshift.Plumbing.Hosting;
using Nightshift.Scheduler;

await NightshiftService.Run(await SchedulerService.Create(args));
