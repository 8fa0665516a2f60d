using System.Globalization;
using Unroll.Cli;

// What is printed is the same everywhere, also where the environment overrides invariant globalization.
CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
return UnrollCommand.Run(args, CommandHost.ForProcess());
