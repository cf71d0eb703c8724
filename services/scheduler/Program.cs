using Nightshift.Plumbing.Hosting;
using Nightshift.Scheduler;

return await NightshiftService.Main(SchedulerService.Build, args);
