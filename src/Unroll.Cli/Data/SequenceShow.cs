using System.Text.Json;
using Unroll.Cli.Sequences;
using Unroll.Data;
using Unroll.Files;

namespace Unroll.Cli.Data;

/// <summary>Says what is in a user's own sequences, on a screen of 80 columns or as an object.</summary>
internal static class SequenceShow
{
    private const int Width = 80, MostColumns = 40, MostLabels = 12, LongestName = 20;

    public static int Run(string path, SequenceRequest request, bool json, CommandHost host)
    {
        SequenceFacts facts;
        string? command;
        try
        {
            facts = new SequenceFacts(SequenceSource.Read(path, request));
            command = SuggestedCommand.Of(path, facts, request);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }

        if (json) JsonLine.Write(host.Out, line =>
        {
            Write(line, facts);
            line.WriteString("command", command);
        });
        else Show(facts, command, host.Out);
        return ExitCode.Success;
    }

    private static void Show(SequenceFacts facts, string? command, TextWriter output)
    {
        SequenceData data = facts.Data;
        int numbers = data.Columns.Count(column => column.Kind == ColumnKind.Number);
        string columns = $"{Format.Counted(numbers, "column")} of numbers"
            + (numbers < data.Columns.Count ? $", {Format.Count(data.Columns.Count - numbers)} of categories" : "");
        Lines($"{Path.GetFileName(Path.TrimEndingDirectorySeparator(data.Name))}: {Format.Counted(data.Count, "sequence")} of "
            + $"{Lengths(facts)}, {columns}");
        if (facts.Times.First.Length > 0)
        {
            string gaps = facts.Times.StepText.Length == 0 ? "" : facts.Times.Irregular == 0
                ? $", every {facts.Times.StepText} without a gap"
                : $", every {facts.Times.StepText} except for {Format.Counted(facts.Times.Irregular, "gap")}";
            Lines($"Times: {facts.Times.First} to {facts.Times.Last}{gaps}");
        }

        output.WriteLine();
        Table(facts, output);
        foreach (ColumnFacts column in facts.Columns.Where(column => column.Column.Kind == ColumnKind.Category).Take(MostColumns))
            Lines($"{Short(column.Column.Name)}: {Labels(column.Column.Labels, column.Counts)}");
        if (data.HasClasses)
        {
            output.WriteLine();
            Lines($"Classes of sequences: {Labels(data.Classes, facts.Classes)}");
        }

        output.WriteLine();
        Folds(facts, output);
        string[] notes = [.. Notes(facts)];
        if (notes.Length > 0) output.WriteLine();
        foreach (string note in notes) Lines(note);

        if (command is not null)
        {
            // Whole, so that it can be copied.
            output.WriteLine();
            output.WriteLine("To train a network on it:");
            output.WriteLine($"  {Printable.Sentence(command)}");
        }

        void Lines(string text)
        {
            foreach (string line in Format.Wrap(Printable.Sentence(text), Width)) output.WriteLine(line);
        }
    }

    private static void Table(SequenceFacts facts, TextWriter output)
    {
        var table = new TextTable("column", "kind", "missing", "least", "mean", "greatest", "deviation");
        foreach (ColumnFacts column in facts.Columns.Take(MostColumns))
        {
            bool isNumber = column.Column.Kind == ColumnKind.Number;
            string kind = column.IsTarget ? "target" : column.IsConstant ? "constant" : isNumber ? "number"
                : Format.Counted(column.Column.Labels.Count, "label");
            ColumnMoments moments = column.Moments;
            table.Add(Short(column.Column.Name), kind, Format.Count(column.Missing), Value(moments.Minimum), Value(moments.Mean),
                Value(moments.Maximum), Value(moments.Deviation));

            string Value(double value) => isNumber && double.IsFinite(value) ? Format.Number(value) : "-";
        }

        table.WriteTo(output);
        if (facts.Columns.Length > MostColumns) output.WriteLine(
            $"and {Format.Count(facts.Columns.Length - MostColumns)} columns more (--json has all)");
    }

    private static void Folds(SequenceFacts facts, TextWriter output)
    {
        if (facts.Folds is not { } folds)
        {
            foreach (string line in Format.Wrap($"No folds: {facts.NoFolds}", Width)) output.WriteLine(line);
            return;
        }

        string whole = facts.Data.Sequences.Any(one => one.Group is not null) ? "groups" : "sequences";
        output.WriteLine(facts.IsByTime ? "Suggested folds, by time:"
            : $"Suggested folds, by whole {whole}{(facts.Data.HasClasses ? " of each class" : "")}:");
        bool dated = facts.IsByTime && facts.Times.First.Length > 0;
        var table = dated ? new TextTable("fold", "sequences", "steps", "from", "to")
            : new TextTable("fold", "sequences", "steps");
        foreach (Fold fold in Enum.GetValues<Fold>())
        {
            string[] cells = [fold.ToString().ToLowerInvariant(), Format.Count(folds.Of(fold).Count),
                Format.Count(folds.StepsOf(fold))];
            (string first, string last) = dated ? facts.Span(fold) : ("", "");
            table.Add(dated ? [.. cells, first, last] : cells);
        }

        table.WriteTo(output);
    }

    private static IEnumerable<string> Notes(SequenceFacts facts)
    {
        foreach (ColumnFacts column in facts.Columns.Where(column => column.Missing > 0).Take(MostColumns))
        {
            string where = column.FirstMissing is { } first ? $", the first in {first}" : "";
            yield return $"{Short(column.Column.Name)} has {Format.Counted(column.Missing, "missing value")}{where}; "
                + "they must be "
                + "filled in, or read by a rule.";
        }

        foreach (ColumnFacts column in facts.Columns.Where(column => column.IsConstant).Take(MostColumns))
            yield return $"{Short(column.Column.Name)} has one value only, from which nothing is learned; leave it out with "
                + "--ignore.";
        if (facts.Classes.Count(count =>
            count > 0) == 1) yield return $"All sequences are of class {facts.Data.Classes[0]}; two at least are needed to "
                + "tell them apart.";
        foreach (string notice in facts.Data.Notices) yield return notice;
    }

    private static string Lengths(SequenceFacts facts) => facts.Shortest == facts.Longest ? Format.Counted(facts.Longest, "step")
        : $"{Format.Count(facts.Shortest)} to {Format.Counted(facts.Longest, "step")} (median {Format.Count(facts.Median)}, "
            + $"{Format.Count(facts.Data.Steps)} in all)";

    private static string Labels(IReadOnlyList<string> labels, long[] counts)
    {
        IEnumerable<string> most = labels.Zip(counts).OrderByDescending(pair => pair.Second).Take(MostLabels).Select(pair =>
            $"{Short(pair.First)} ({Format.Count(pair.Second)})");
        return string.Join(", ", most) + (labels.Count > MostLabels ? $" and {Format.Count(labels.Count - MostLabels)} more"
            : "");
    }

    private static string Short(string name) => name.Length <= LongestName ? name : name[..(LongestName - 3)] + "...";

    private static void Write(Utf8JsonWriter json, SequenceFacts facts)
    {
        SequenceData data = facts.Data;
        json.WriteString("name", data.Name);
        json.WriteString("kind", "sequences");
        json.WriteNumber("sequences", data.Count);
        json.WriteNumber("steps", data.Steps);
        json.WriteNumber("shortest", facts.Shortest);
        json.WriteNumber("median", facts.Median);
        json.WriteNumber("longest", facts.Longest);
        json.WriteString("fingerprint", data.Fingerprint());
        WriteTimes(json, facts.Times);
        json.WriteStartArray("columns");
        foreach (ColumnFacts column in facts.Columns) WriteColumn(json, column);
        json.WriteEndArray();
        if (data.HasClasses)
        {
            json.WriteStartObject("classes");
            for (int k = 0; k < data.Classes.Count; k++) json.WriteNumber(data.Classes[k], facts.Classes[k]);
            json.WriteEndObject();
        }

        json.WriteStartArray("folds");
        foreach (Fold fold in facts.Folds is null ? [] : Enum.GetValues<Fold>())
        {
            (string first, string last) = facts.Span(fold);
            json.WriteStartObject();
            json.WriteString("fold", fold.ToString().ToLowerInvariant());
            json.WriteNumber("sequences", facts.Folds!.Of(fold).Count);
            json.WriteNumber("steps", facts.Folds.StepsOf(fold));
            if (first.Length > 0)
            {
                json.WriteString("from", first);
                json.WriteString("to", last);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("folds_by", facts.IsByTime ? "time" : "sequence");
        json.WriteStartArray("notices");
        foreach (string notice in data.Notices) json.WriteStringValue(notice);
        json.WriteEndArray();
    }

    private static void WriteTimes(Utf8JsonWriter json, TimeFacts times)
    {
        if (times.First.Length == 0) return;
        json.WriteStartObject("times");
        json.WriteString("first", times.First);
        json.WriteString("last", times.Last);
        json.WriteString("step", times.StepText);
        JsonLine.WriteNumber(json, times.IsDate ? "step_seconds" : "step_size", times.Step);
        json.WriteNumber("irregular", times.Irregular);
        json.WriteNumber("repeated", times.Repeated);
        json.WriteEndObject();
    }

    private static void WriteColumn(Utf8JsonWriter json, ColumnFacts column)
    {
        json.WriteStartObject();
        json.WriteString("name", column.Column.Name);
        json.WriteString("kind", column.Column.Kind.ToString().ToLowerInvariant());
        if (column.IsTarget) json.WriteBoolean("target", true);
        json.WriteNumber("missing", column.Missing);
        if (column.FirstMissing is { } first) json.WriteString("first_missing", first);
        if (column.Column.Kind == ColumnKind.Number)
        {
            JsonLine.WriteNumber(json, "least", column.Moments.Minimum);
            JsonLine.WriteNumber(json, "mean", column.Moments.Mean);
            JsonLine.WriteNumber(json, "greatest", column.Moments.Maximum);
            JsonLine.WriteNumber(json, "deviation", column.Moments.Deviation);
        }
        else
        {
            json.WriteStartObject("labels");
            for (int k = 0; k < column.Counts.Length; k++) json.WriteNumber(column.Column.Labels[k], column.Counts[k]);
            json.WriteEndObject();
        }

        json.WriteBoolean("constant", column.IsConstant);
        json.WriteEndObject();
    }
}
