using Nightshift.Gateway;
using Nightshift.Plumbing.Hosting;

return await NightshiftService.Main(GatewayApp.Build, args);
