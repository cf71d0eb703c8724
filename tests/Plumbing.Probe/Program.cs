using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Probe;

await NightshiftService.Run(await ProbeService.Create(args));
