using Unroll.Cli;

return UnrollCommand.Run(args, CommandHost.ForProcess());
