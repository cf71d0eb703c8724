using Nightshift.Healer;
using Nightshift.Plumbing.Hosting;

return await NightshiftService.Main(x => HealerService.Build(x), args);
