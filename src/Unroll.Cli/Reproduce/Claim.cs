using System.Text.Json;
using System.Text.Json.Serialization;
using Unroll.Files;

namespace Unroll.Cli.Reproduce;

/// <summary>The content of <c>claims.json</c>: what is claimed, and which pages quote it.</summary>
internal sealed record ClaimFile
{
    /// <summary>The file's name, beside the stores that it counts.</summary>
    public const string Name = "claims.json";

    private const long LargestFile = 4 << 20;

    /// <summary>The pages with the table or with quotes, relative to the file's folder.</summary>
    public required IReadOnlyList<string> Pages { get; init; }

    /// <summary>The claims, in the order of the table.</summary>
    public required IReadOnlyList<Claim> Claims { get; init; }

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="UserError">It is not there, cannot be read, or says nothing that can be counted.</exception>
    public static ClaimFile Read(string folder)
    {
        string path = Path.Combine(folder, Name);
        if (!PathLook.IsFile(path))
            throw new UserError($"The folder {folder} has no {Name}, which says what is claimed of its stores.");
        try
        {
            if (new FileInfo(path).Length > LargestFile)
                throw new UserError($"{path} is larger than {LargestFile >> 20} MiB, which no list of claims needs.");
            ClaimFile file = JsonSerializer.Deserialize(File.ReadAllText(path), ClaimJson.Default.ClaimFile)
                ?? throw new UserError($"{path} is null; a list of claims is an object with pages and claims.");
            foreach (Claim claim in file.Claims) claim.Check(path);
            if (file.Claims.GroupBy(claim => claim.Id).FirstOrDefault(same => same.Count() > 1) is { } twice)
                throw new UserError($"{path} has the claim '{twice.Key}' twice; each needs an id of its own.");
            return file;
        }
        catch (JsonException error)
        {
            string line = error.LineNumber is { } number ? FormattableString.Invariant($", line {number + 1}") : "";
            string reason = error.Message.Split(". Path:")[0].Split(" Path:")[0].TrimEnd('.');
            throw new UserError($"{path}{line}: this is no list of claims ({reason}).", error);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw new UserError($"{path} could not be read: {FileErrors.Cause(path, error)}.", error);
        }
    }
}

/// <summary>What is counted of a claim's runs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClaimMeasure>))]
internal enum ClaimMeasure
{
    /// <summary>Runs with at most 1% wrong at some check.</summary>
    Solved,

    /// <summary>Runs with at most 1% wrong at three checks in a row.</summary>
    Sustained,

    /// <summary>Runs whose best model has at most 1% wrong of fresh sequences of a length.</summary>
    Tested,

    /// <summary>The same by the stricter rule of the paper's text.</summary>
    Strict,

    /// <summary>Runs whose best model has none of the fresh sequences of a length wrong.</summary>
    Faultless,

    /// <summary>The cost of the test fold.</summary>
    Cost,
}

/// <summary>One claim: what it says, the paper's words, and how it is counted from stores.</summary>
internal sealed record Claim
{
    /// <summary>The name by which pages quote it.</summary>
    public required string Id { get; init; }

    /// <summary>What is claimed.</summary>
    public required string Text { get; init; }

    /// <summary>The paper's words with their section; empty where the paper says nothing.</summary>
    public string Paper
    {
        get;
        init => field = value ?? ""; // a key that is missing is null to the reader
    } = "";

    /// <summary>The stores whose runs are counted, relative to the file's folder; empty where another source is given.</summary>
    public IReadOnlyList<string> Stores
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The options that select runs, each with its values; a value after '!' is left out.</summary>
    public IReadOnlyDictionary<string, string[]> Where
    {
        get;
        init => field = value ?? new Dictionary<string, string[]>();
    } = new Dictionary<string, string[]>();

    /// <summary>What is counted.</summary>
    public ClaimMeasure Count { get; init; }

    /// <summary>Whether errors at lengths are counted.</summary>
    [JsonIgnore]
    public bool IsOfTests => Count is ClaimMeasure.Tested or ClaimMeasure.Strict or ClaimMeasure.Faultless;

    /// <summary>
    /// The share wrong, 0..1, that a run counts from: its first check with at most that. Null for the rule of
    /// <see cref="Count"/>. For rules other than the paper's 1%, such as those of 1997.
    /// </summary>
    public double? Most { get; init; }

    /// <summary>An option by whose values the runs are counted apart; null for all together.</summary>
    public string? By { get; init; }

    /// <summary>The tested lengths.</summary>
    public IReadOnlyList<string> At
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Two values of an option that are compared over the same runs; null for none.</summary>
    public ClaimedComparison? Compare { get; init; }

    /// <summary>The points of a figure's JSON file in place of a store.</summary>
    public ClaimedFigure? Figure { get; init; }

    /// <summary>What a figure that is computed at once found.</summary>
    public ClaimedFinding? Finding { get; init; }

    /// <summary>Runs whose store was not kept.</summary>
    public StatedRuns? Stated { get; init; }

    /// <summary>The command that makes the runs.</summary>
    public required string Command { get; init; }

    /// <summary>The day on which the last of the runs ended, which no store has.</summary>
    public required string Date { get; init; }

    /// <summary>Budget, seeds and instruction set of a source that is no store; stores say them themselves.</summary>
    public string? Budget { get; init; }

    /// <summary>See <see cref="Budget"/>.</summary>
    public string? Seeds { get; init; }

    /// <summary>See <see cref="Budget"/>.</summary>
    public string? Set { get; init; }

    /// <summary>Refuses a claim that has no source or more than one, or that counts nothing.</summary>
    public void Check(string path)
    {
        string where = $"{path}, claim '{Id}'";
        if (Id.Length == 0 || !Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw new UserError($"{where}: an id has letters, digits and hyphens.");
        int sources = (Stores.Count > 0 ? 1 : 0) + ((object?[])[Figure, Finding, Stated]).Count(source => source is not null);
        if (sources != 1)
            throw new UserError($"{where}: it needs one of \"stores\", \"figure\", \"finding\" and \"stated\".");
        if (IsOfTests != At.Count > 0)
            throw new UserError(
                $"{where}: \"at\" gives the lengths for the counts Tested, Strict and Faultless, and only for them.");
        bool isRate = Count is ClaimMeasure.Solved or ClaimMeasure.Sustained;
        if (Compare is not null && (Stores.Count != 1 || By is not null || !isRate))
            throw new UserError($"{where}: \"compare\" counts runs of one store that are solved or sustained, without \"by\".");
        bool hasOwnRule = Stores.Count > 0 && Compare is null && Count == ClaimMeasure.Solved;
        if (Most is not null && (Most is not (>= 0 and <= 1) || !hasOwnRule))
        {
            throw new UserError(
                $"{where}: \"most\" is a share from 0 to 1, for the count Solved of stores, without \"compare\".");
        }

        if (Stores.Count == 0 && (Budget is null || Seeds is null || Set is null))
            throw new UserError($"{where}: without a store it needs \"budget\", \"seeds\" and \"set\".");
        if (Stores.Count > 0 && (Budget ?? Seeds ?? Set) is not null)
            throw new UserError($"{where}: its stores say budget, seeds and instruction set; leave these keys out.");
        if (Stated is { } stated && (stated.Successes < 0 || stated.Successes > stated.Runs))
            throw new UserError(FormattableString.Invariant($"{where}: {stated.Successes} of {stated.Runs} is no share."));
    }
}

/// <summary>Two values of an option.</summary>
/// <param name="Option">The option.</param>
/// <param name="First">One value.</param>
/// <param name="Second">The other.</param>
internal sealed record ClaimedComparison(string Option, string First, string Second);

/// <summary>A series of a figure that was made from a study whose store was not kept.</summary>
/// <param name="File">Its JSON file, relative to the folder of the claims.</param>
/// <param name="Series">The name of the series.</param>
/// <param name="Points">What the points are called, in their order.</param>
internal sealed record ClaimedFigure(string File, string Series, IReadOnlyList<string> Points);

/// <summary>A finding of a figure that is computed at once.</summary>
/// <param name="File">Its JSON file, relative to the folder of the claims.</param>
/// <param name="Name">The name of the finding.</param>
internal sealed record ClaimedFinding(string File, string Name);

/// <summary>Runs whose store was not kept: they can be made again, and nothing else supports the numbers.</summary>
/// <param name="Successes">Runs that were solved.</param>
/// <param name="Runs">Runs that were made.</param>
internal sealed record StatedRuns(int Successes, int Runs)
{
    /// <summary>What pages quote besides the rate, such as <c>median</c>.</summary>
    public IReadOnlyDictionary<string, string> Fields
    {
        get;
        init => field = value ?? new Dictionary<string, string>();
    } = new Dictionary<string, string>();
}

/// <summary>How claims are read: a key that is unknown or missing is refused.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ClaimFile))]
internal sealed partial class ClaimJson : JsonSerializerContext;
