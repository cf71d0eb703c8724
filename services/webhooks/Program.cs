using Nightshift.Plumbing.Hosting;
using Nightshift.Webhooks;

return await NightshiftService.Main(WebhooksService.Build, args);
