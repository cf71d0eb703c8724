using Nightshift.Plumbing.Hosting;
using Nightshift.Scheduler;

return await NightshiftService.Main(x => SchedulerService.Build(x), args);
