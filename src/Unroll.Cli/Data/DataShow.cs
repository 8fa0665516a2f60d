using Unroll.Cli.Kinds;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Data;

/// <summary>Says what is in data, and shows how it begins.</summary>
internal static class DataShow
{
    public static int Run(string data, DataSource source, IReadOnlyList<CorpusOverride> given, bool json, CommandHost host)
    {
        CorpusKind kind = source.KindOf(data);
        if (given.FirstOrDefault(change => !change.Option.IsFor(kind)) is { } wrong)
            throw new UserError($"{wrong.Option.Name} is for {wrong.Option.Task}, and {data} is {kind.Name}.");
        CorpusView view = CorpusView.Of(kind) ?? throw new UserError($"{data} is {kind.Name}, which is not shown here.");
        view.Show(source, (kind.New() with { Data = data }).With(given), json, host);
        return ExitCode.Success;
    }
}
