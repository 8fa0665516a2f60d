using Unroll.Analysis;
using Unroll.Cli.Settings;
using Unroll.Studies.Pages;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// A diagnosis as one page that needs no network: diagnose.html with the style, the scripts and the data inside.
/// </summary>
internal static class DiagnosisPage
{
    private static readonly string[] Scripts = ["base.js", "plot.js", "diagnose.js"];

    /// <summary>Writes the page.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, CommandHost host, DiagnosisSubject subject, GradientDiagnosis diagnosis,
        JacobianFacts jacobians, IReadOnlyList<Advice> advice, DiagnosisOptions options)
    {
        var heat = DiagnosisHeat.Of(subject, options, diagnosis.Norms.Length);
        OutputFile.Write(path, host, stream => PageTemplate.Write(stream, "diagnose.html", Scripts, new()
        {
            ["diagnosis"] = page => PageTemplate.Object(page, json =>
            {
                json.WriteStartObject();
                json.WriteString("verdict", DiagnosisText.Verdict(diagnosis));
                json.WriteString("units", NetworkWords.Units(subject.Network.Shape));
                json.WriteString("state", subject.Network.Shape.IsOnPreActivations ? null
                    : NetworkWords.State(subject.Network.Shape));
                json.WriteStartArray("words");
                foreach (LayerDiagnosis layer in diagnosis.Layers) json.WriteStringValue(NetworkWords.Units(layer.Shape));
                json.WriteEndArray();
                json.WriteStartArray("notes");
                foreach (string note in subject.Notes) json.WriteStringValue(note);
                json.WriteEndArray();
                json.WriteStartObject("diagnosis");
                DiagnosisJson.Write(json, subject, diagnosis, jacobians, advice, options);
                json.WriteEndObject();
                json.WriteStartObject("heat");
                json.WriteString("label", heat.Label);
                json.WriteString("note", heat.Note);
                json.WriteNumber("bin", heat.Bin);
                json.WriteStartArray("rows");
                foreach (int row in heat.Rows) json.WriteNumberValue(row);
                json.WriteEndArray();
                json.WriteStartArray("values");
                foreach (double[] row in heat.Values)
                {
                    json.WriteStartArray();
                    foreach (double value in row) DiagnosisJson.WriteValue(json, value);
                    json.WriteEndArray();
                }

                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteEndObject();
            }),
        }, typeof(DiagnosisPage).Assembly));
    }
}
