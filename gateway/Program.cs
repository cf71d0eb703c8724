using Microsoft.Extensions.Options;
using Nightshift.Gateway;

try
{
    await using var app = await GatewayApp.Build(args);
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is OptionsValidationException or FormatException) // wrong settings: the reader needs the sentences, not where they were found
{
    await Console.Error.WriteLineAsync(e is OptionsValidationException options ? string.Join(Environment.NewLine, options.Failures) : e.Message);
    return 1;
}
