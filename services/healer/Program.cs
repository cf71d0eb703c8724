using Nightshift.Healer;
using Nightshift.Plumbing.Hosting;

await NightshiftService.Run(await HealerService.Build(args));
