using Nightshift.Escalation;
using Nightshift.Plumbing.Hosting;

return await NightshiftService.Main(x => EscalationService.Build(x), args);
