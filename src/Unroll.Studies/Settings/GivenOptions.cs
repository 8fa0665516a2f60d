using Unroll.Studies.Corpora;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>
/// The one place where options become a <see cref="TrainRequest"/>: those of a command line, and those of a trial of a study.
/// </summary>
internal static class GivenOptions
{
    /// <summary>The option that names the task, which a command line takes as an argument.</summary>
    public const string Task = "task";

    /// <summary>The options that are not training options and not about a corpus.</summary>
    public const string Length = "length", Variant = "variant", Bits = "bits", Recipe = "recipe", TheMethod = "method";

    private const string Optimizer = "optimizer";

    /// <summary>The methods that are optimizers: echo state networks, and Hessian-Free.</summary>
    public static readonly (string Method, string Optimizer)[] Optimizers = [("esn", "ridge"), ("hf", "hessian-free")];

    /// <summary>Reads a request.</summary>
    /// <param name="given">The options that were given, by their names without dashes, as text. The values of flags are true and
    /// false.</param>
    /// <exception cref="UserError">A value does not suit its option.</exception>
    public static TrainRequest Read(IReadOnlyDictionary<string, string> given)
    {
        return new TrainRequest
        {
            Task = Text(Task) is { } task ? TaskCatalogue.Resolve(task) : null,
            Bits = Text(Bits) is { } bits ? Values.Choice("--bits", bits, [("5", "5"), ("20", "20")]) : null,
            Length = Text(Length) is { } length ? Values.Length("--length", length) : null,
            Variant = Text(Variant) is { } variant ? Values.Choice("--variant", variant, Values.Named<TaskVariant>()) : null,
            Recipe = Text(Recipe) is { } recipe
                ? Values.Choice("--recipe", recipe, [.. Recipes.Names.Select(name => (name, name))]) : null,
            Method = ReadMethod(given),
            Overrides = ReadOverrides(given),
            Corpus =
            [
                .. from option in CorpusOptionTable.All
                   let text = Text(option.Name[2..])
                   where text is not null
                   select new CorpusOverride(option, option.Parse(text)),
            ],
        };

        string? Text(string name) => given.GetValueOrDefault(name);
    }

    /// <summary>The method that was given, or null.</summary>
    /// <exception cref="UserError">There is no such method.</exception>
    public static Method? ReadMethod(IReadOnlyDictionary<string, string> given) =>
        given.GetValueOrDefault(TheMethod) is not { } method ? null
        : Values.Choice("--method", method, [.. Method.All.Select(one => (one.Name, (Method?)one.Value)),
            .. Optimizers.Select(one => (one.Method, (Method?)null))]);

    /// <summary>The training options that were given.</summary>
    /// <exception cref="UserError">A value does not suit its option.</exception>
    public static IReadOnlyList<Override> ReadOverrides(IReadOnlyDictionary<string, string> given)
    {
        (string Method, string Optimizer) named =
            Optimizers.FirstOrDefault(one => one.Method == given.GetValueOrDefault(TheMethod));
        if (named.Optimizer is { } optimizer)
        {
            if (given.GetValueOrDefault(Optimizer) is { } other && other != optimizer)
                throw new UserError($"--method {named.Method} is --optimizer {optimizer}, which contradicts --optimizer {other}; "
                    + "leave one of them out.");
            given = new Dictionary<string, string>(given) { [Optimizer] = optimizer };
        }

        var overrides = new List<Override>();
        foreach (TrainOption option in TrainOptionTable.All)
        {
            if (!given.TryGetValue(option.Name[2..], out string? text)) continue;
            if (option.IsFlag && !Values.Choice(option.Name, text, [("true", true), ("false", false)])) continue;
            overrides.Add(new Override(option.Name, option.Property, option.Parse(option.IsFlag ? "" : text)));
        }

        return overrides;
    }
}
