using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Probe;

return await NightshiftService.Main(ProbeService.Build, args);
