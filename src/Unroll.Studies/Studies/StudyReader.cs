using System.Globalization;
using System.Text;
using System.Text.Json;
using Unroll.Files;
using Unroll.Studies.Corpora;

namespace Unroll.Studies;

/// <summary>Reads a study's JSON. Every refusal names the file and the place in it.</summary>
internal static class StudyReader
{
    private const int MostValues = 100_000;
    private const int LongestName = 100;
    private const long LargestFile = 16 << 20;
    private static readonly string[] Keys =
        ["name", "description", "grid", "decide_after", "sample", "sample_seed", "test", OwnTasks.Key];
    private static readonly JsonDocumentOptions Lenient = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="UserError">It cannot be read or is not a study.</exception>
    public static StudyDefinition ReadFile(string path)
    {
        try
        {
            if (new FileInfo(path).Length > LargestFile)
                throw new UserError($"{path} is larger than {LargestFile >> 20} MiB, which no study needs.");
            return Read(path, File.ReadAllText(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} could not be read: {FileErrors.Cause(path, error)}.", error);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="where">What the text is called in refusals.</param>
    /// <param name="text">The JSON.</param>
    /// <exception cref="UserError">It is not a study.</exception>
    public static StudyDefinition Read(string where, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Lenient);
            return Read(where, document.RootElement);
        }
        catch (InvalidOperationException error)
        {
            throw new UserError($"{where}: a text in it has half of a surrogate pair, which is no character.", error);
        }
        catch (JsonException error)
        {
            string line = error.LineNumber is { } number ? Invariant($"line {number + 1}") : "its text";
            throw new UserError($"{where}, {line}: this is not JSON ({Reason(error)}).", error);
        }
    }

    /// <summary>An axis as it is written on the command line: <c>lr=0.1,0.01</c>. A value with a comma of its own stands between
    /// double quotes.</summary>
    public static StudyAxis ReadAxis(string where, string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new UserError(
                $"{where} '{text}' has no value; write OPTION=VALUE or OPTION=VALUE,VALUE,... such as lr=0.1,0.01.");
        string option = text[..equals].Trim().TrimStart('-');
        TrialOptions.RequireKnown(option, where);
        string values = text[(equals + 1)..];
        return new StudyAxis(option, Expand(where, option, TrialOptions.TakesCommas(option) ? [values] : NameList.Split(values)));
    }

    private static StudyDefinition Read(string where, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new UserError($"{where}: a study is a JSON object with a \"grid\".");
        RequireKeys(where, root, Keys);
        OwnTasks? own = root.TryGetProperty(OwnTasks.Key, out JsonElement program) ? OwnTasks.Read(where, program) : null;
        if (!root.TryGetProperty("grid", out JsonElement grid))
            throw new UserError(
                $"{where}: there is no \"grid\"; it maps options to lists of values, such as {{\"lr\": [0.1, 0.01]}}.");
        IReadOnlyList<StudyAxis>[] grids = grid.ValueKind switch
        {
            JsonValueKind.Object => [ReadGrid($"{where}, grid", grid, own)],
            JsonValueKind.Array => [.. grid.EnumerateArray().Select((one, i) => ReadGrid(
                Invariant($"{where}, grid {i + 1}"), one, own))],
            _ => throw new UserError($"{where}: \"grid\" must be an object or a list of objects."),
        };
        if (grids.Length == 0) throw new UserError($"{where}: the list \"grid\" is empty, so there is nothing to train.");
        string name = root.TryGetProperty("name", out JsonElement named) ? Text($"{where}, name", named)
            : Path.GetFileNameWithoutExtension(where);
        if (name.Length is 0 or > LongestName || name.Any(c => c is '/' or '\\' || char.IsControl(c))
            || name.All(c => c is '.' or ' ')
            || Path.IsPathRooted(name))
            throw new UserError(
                $"{where}, name: {SafeTensorsHeader.Quote(name)} cannot name a folder, which a study's name does; write letters, "
                    + "digits and hyphens.");
        int? sample = root.TryGetProperty("sample", out JsonElement count)
            ? Whole($"{where}, sample", count, 1, MostValues) : null;
        if (sample is null && root.TryGetProperty("sample_seed", out _))
            throw new UserError($"{where}: \"sample_seed\" has no effect without \"sample\".");
        return new StudyDefinition(name, grids)
        {
            Description = root.TryGetProperty("description", out JsonElement about) ? Text($"{where}, description", about) : "",
            DecideAfter = root.TryGetProperty("decide_after", out JsonElement decide)
                ? Whole($"{where}, decide_after", decide, 1, MostValues) : null,
            Sample = sample is { } n ? new StudySample(n, root.TryGetProperty("sample_seed", out JsonElement seed)
                ? Values.Seed($"{where}, sample_seed", Text($"{where}, sample_seed", seed)) : 1) : null,
            Test = root.TryGetProperty("test", out JsonElement test) ? ReadTest($"{where}, test", test)
                : new StudyTest(["x1"], 10_000),
            Own = own,
        };
    }

    private static List<StudyAxis> ReadGrid(string where, JsonElement grid, OwnTasks? own)
    {
        if (grid.ValueKind != JsonValueKind.Object)
            throw new UserError($"{where} must be an object that maps options to values.");
        if (!grid.EnumerateObject().Any())
            throw new UserError(
                $"{where} is empty, so there is nothing to vary; name at least one option, such as {{\"seed\": \"1..5\"}}.");
        var axes = new List<StudyAxis>();
        foreach (JsonProperty property in grid.EnumerateObject())
        {
            if (own?.Parameters.Contains(property.Name) != true) TrialOptions.RequireKnown(property.Name, where);
            if (axes.Any(axis => axis.Option == property.Name))
                throw new UserError($"{where}: '{property.Name}' stands there twice.");
            string place = $"{where}, {property.Name}";
            if (property.Value.ValueKind == JsonValueKind.Object)
            {
                axes.Add(new StudyAxis(property.Name, [], ReadInterval(place, property.Value)));
                continue;
            }

            string[] values = property.Value.ValueKind == JsonValueKind.Array
                ? [.. property.Value.EnumerateArray().Select(value => Text(place, value))]
                : [Text(place, property.Value)];
            axes.Add(new StudyAxis(property.Name, Expand(place, property.Name, values)));
        }

        return axes;
    }

    private static string[] Expand(string where, string option, string[] values)
    {
        if (values.Length == 0)
            throw new UserError($"{where}: the list is empty, so there is nothing to train; give at least one value.");
        // paths, names of columns and forms of dates need the spaces inside them
        values = [.. values.Select(value =>
            SeriesSettings.IsNames(option) ? string.Join(',', NameList.Split(value).Select(NameList.Of))
            : CorpusOptionTable.IsPath(option) || SeriesSettings.Reading.Contains(option) ? value.Trim()
            : string.Concat(value.Where(c => !char.IsWhiteSpace(c))))];
        if (values.Any(value => value.Length == 0)) throw new UserError($"{where}: a value is empty.");
        if (CorpusOptionTable.IsPath(option)) values = [.. values.Select(value => Values.Path(where, value))];
        if (option == TrialOptions.Seed) values = [.. values.SelectMany(value => Seeds(where, value))];
        if (values.Distinct().Count() < values.Length)
            throw new UserError($"{where}: the value {values.GroupBy(v => v).First(g => g.Count() > 1).Key} stands there twice.");
        return values;
    }

    private static IEnumerable<string> Seeds(string where, string value)
    {
        string[] ends = value.Split("..");
        if (ends.Length != 2) return [value];
        ulong first = Values.Seed(where, ends[0]), last = Values.Seed(where, ends[1]);
        if (last < first || last - first >= MostValues)
            throw new UserError($"{where}: '{value}' is not a range of at least 1 and at most {MostValues} seeds.");
        return Enumerable.Range(0, (int)(last - first) + 1)
            .Select(i => (first + (ulong)i).ToString(CultureInfo.InvariantCulture));
    }

    private static StudyInterval ReadInterval(string where, JsonElement value)
    {
        RequireKeys(where, value, ["from", "to", "scale"]);
        double from = Number("from"), to = Number("to");
        bool log = value.TryGetProperty("scale", out JsonElement scale)
            && Values.Choice($"{where}, scale", Text(where, scale), [("linear", false), ("log", true)]);
        if (to <= from)
            throw new UserError(
                $"{where}: the interval ends at {Format.Exact(to)}, which is not beyond its beginning {Format.Exact(from)}.");
        return log && from <= 0
            ? throw new UserError($"{where}: a logarithmic interval must begin above 0, not at {Format.Exact(from)}.")
            : new StudyInterval(from, to, log);

        double Number(string name) => value.TryGetProperty(name, out JsonElement number)
            && number.ValueKind == JsonValueKind.Number && number.TryGetDouble(out double v) && double.IsFinite(v)
            ? v : throw new UserError(
                $"{where}: an interval needs the number \"{name}\", as in {{\"from\": 0.001, \"to\": 0.1, \"scale\": \"log\"}}.");
    }

    private static StudyTest ReadTest(string where, JsonElement test)
    {
        if (test.ValueKind != JsonValueKind.Object)
            throw new UserError($"{where} must be an object with \"lengths\" and \"sequences\".");
        RequireKeys(where, test, ["lengths", "sequences"]);
        string[] lengths = ["x1"];
        if (test.TryGetProperty("lengths", out JsonElement list))
        {
            if (list.ValueKind != JsonValueKind.Array)
                throw new UserError($"{where}, lengths must be a list such as [\"x1\", \"x5\", 1000].");
            lengths = [.. list.EnumerateArray().Select(length => Text($"{where}, lengths", length))];
        }

        foreach (string length in lengths)
        {
            if (length is ['x', .. string factor])
                Values.Whole($"{where}: the factor of {length},", factor, 1, LengthRange.Longest);
            else Values.Length($"{where}: the length", length);
        }

        return new StudyTest(lengths, test.TryGetProperty("sequences", out JsonElement n)
            ? Whole($"{where}, sequences", n, 1, 10_000_000) : 10_000);
    }

    private static void RequireKeys(string where, JsonElement value, string[] known)
    {
        var seen = new HashSet<string>();
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (!seen.Add(property.Name)) throw new UserError($"{where}: '{property.Name}' stands there twice.");
            if (!known.Contains(property.Name))
                throw new UserError(
                    $"{where}: there is no '{property.Name}'; did you mean '{Nearest.Of(property.Name, known)}'?");
        }
    }

    /// <summary>A scalar as the text that the command line would take; numbers as they are written.</summary>
    private static string Text(string where, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => throw new UserError($"{where}: {Short(value)} is neither a text nor a number nor true or false."),
    };

    private static int Whole(string where, JsonElement value, int minimum, int maximum) =>
        (int)Values.Whole(where, Text(where, value), minimum, maximum);

    private static string Short(JsonElement value)
    {
        string text = value.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "...");
    }

    private static string Reason(JsonException error)
    {
        string message = error.Message.ReplaceLineEndings(" ");
        int place = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (place < 0 ? message : message[..place]).TrimEnd('.');
    }
}
