using Unroll.Cli.Sequences;
using Unroll.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Tasks;

namespace Unroll.Cli.Settings;

/// <summary>A model of somebody's own sequences: how its data were read, and how sequences are encoded.</summary>
/// <param name="Codec">How sequences become inputs, and outputs predictions.</param>
/// <param name="Settings">Which data, and how they were read.</param>
internal sealed record SeriesModel(SeriesCodec Codec, SeriesSettings Settings)
{
    /// <summary>What a model's file says; null for a model of another task.</summary>
    /// <exception cref="InvalidFileException">What it says of its data cannot be accepted, or does not fit its
    /// network.</exception>
    public static SeriesModel? Read(string path, ModelInfo info)
    {
        try
        {
            if (SeriesCodec.Read(info.Properties) is not { } codec) return null;
            if (!codec.Fits(info.Shape)) throw new FormatException("its network has other inputs or outputs");
            var settings = SeriesSettings.FromProperties(info.Task ?? "", info.Properties.GetValueOrDefault);
            return settings.Kind == codec.Kind ? new SeriesModel(codec, settings)
                : throw new FormatException("its task is another one");
        }
        catch (Exception error) when (error is FormatException or UserError)
        {
            throw new InvalidFileException(path, $"does not describe its data: {error.Message.TrimEnd('.')}");
        }
    }

    /// <summary>The option about labels that training did not have, of the commands that serve a model.</summary>
    public static DeclaredOption<string?> Unknown() => new(SeriesOptionTable.Unknown)
    {
        HelpName = string.Join('|', SeriesOptionTable.Unknowns.Select(one => one.Name)),
        Description = "Your own sequences: what a label of a category column is that training did not have: refused, or none of "
            + "those it had. Default: as in training.",
    };

    /// <summary>The same with what was given of that option.</summary>
    /// <param name="text">Its value; null where it was not given.</param>
    /// <exception cref="UserError">It is none.</exception>
    public SeriesModel With(string? text) =>
        text is not null && Values.Choice(SeriesOptionTable.Unknown, text, SeriesOptionTable.Unknowns)
            ? this with { Codec = Codec.WithUnknownAsNone() } : this;

    /// <summary>Finds the model's columns in data.</summary>
    /// <exception cref="UserError">A label is one that training did not have, and those are refused.</exception>
    /// <exception cref="ArgumentException">The data does not fit otherwise.</exception>
    public SeriesRows Bind(SequenceData data)
    {
        foreach (SequenceColumn column in Codec.Encoder.Options.UnknownAsNone ? [] : Codec.Encoder.Columns)
        {
            SequenceColumn? given = data.Columns.FirstOrDefault(one => one.Name == column.Name);
            if (column.Kind == ColumnKind.Category && given?.Labels.Except(column.Labels).FirstOrDefault() is { } label)
                throw new UserError(
                    UnknownLabel($"Column '{column.Name}' of {data.Name} has the label '{label}'", column.Labels));
        }

        return Codec.Bind(data);
    }

    /// <summary>The sentence about a label that training did not have.</summary>
    public static string UnknownLabel(string found, IEnumerable<string> known) => Printable.Sentence(
        $"{found}, which training did not have ({SequenceData.Some(known)}); put one of these in its place, or give "
            + $"{SeriesOptionTable.Unknown} none, which reads it as none of them.");

    /// <summary>Says which columns training did not have; what is predicted, and what names a class, is known.</summary>
    public void SayNewColumns(IEnumerable<string> columns, CommandHost host)
    {
        SequenceRequest request = SequenceOptionTable.Read(Settings.Texts);
        string[] known =
        [
            .. Codec.Encoder.Columns.Select(column => column.Name), .. Codec.Targets, .. request.Targets, .. request.Csv.Ignore,
            request.Csv.Label ?? "",
        ];
        string[] added = [.. columns.Except(known)];
        if (added.Length > 0)
            host.Error.WriteLine(
                $"unroll: the network does not read the {(added.Length == 1 ? "column" : "columns")} {SequenceData.Some(added)}, "
                    + "which training did not have.");
    }

    /// <summary>Says which groups training did not have, where each has scales of its own.</summary>
    public static void SayUnknownGroups(IReadOnlyList<string> groups, CommandHost host)
    {
        if (groups.Count > 0)
            host.Error.WriteLine(
                $"unroll: the network was trained on no {(groups.Count == 1 ? "group" : "groups")} {SequenceData.Some(groups)}, "
                    + $"which {(groups.Count == 1 ? "is" : "are")} scaled as all groups together.");
    }

    /// <summary>The model of a path: that of a run's folder is its best one.</summary>
    /// <exception cref="UserError">The folder has no model.</exception>
    public static string PathOf(string path) => InFolder(path) ?? (!Directory.Exists(path) ? path : throw new UserError(
        $"There is no {RunFolder.BestName} in the folder {path}; give a model's file, or the folder of a run."));

    /// <summary>
    /// The same; a folder without a model is left to who reads it, because other programs write folders of weights.
    /// </summary>
    public static string PathOfAny(string path) => InFolder(path) ?? path;

    private static string? InFolder(string path) =>
        ((string[])[RunFolder.BestName, RunFolder.ModelName]).Select(name => Path.Combine(path, name))
        .FirstOrDefault(file => Directory.Exists(path) && PathLook.IsFile(file));
}
