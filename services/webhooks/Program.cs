using Nightshift.Plumbing.Hosting;
using Nightshift.Webhooks;

await NightshiftService.Run(await WebhooksService.Build(args));
