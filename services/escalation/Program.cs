using Nightshift.Escalation;
using Nightshift.Plumbing.Hosting;

await NightshiftService.Run(await EscalationService.Build(args));
