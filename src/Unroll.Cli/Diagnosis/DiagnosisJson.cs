using System.Text.Json;
using Unroll.Analysis;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>A diagnosis as JSON: docs/diagnose.md has the keys.</summary>
internal static class DiagnosisJson
{
    /// <summary>The object of <c>unroll diagnose --json</c>.</summary>
    public static void Write(Utf8JsonWriter json, DiagnosisSubject subject, GradientDiagnosis d, JacobianFacts jacobians,
        IReadOnlyList<Advice> advice, DiagnosisOptions options)
    {
        json.WriteString("event", "diagnosis");
        json.WriteString("model", subject.Model);
        json.WriteString("task", subject.Task.Name);
        json.WriteString("length", (subject.Task as ILengthTask)?.Length.ToString());
        json.WriteNumber("hidden", subject.Network.Shape.Hidden);
        NetworkShape shape = subject.Network.Shape;
        json.WriteString("activation", shape.IsOnPreActivations ? OptionsText.Name(shape.Activation) : null);
        json.WriteNumber("batches", d.Norms.Length);
        json.WriteNumber("batch", d.Rows);
        json.WriteNumber("seed", options.Seed);
        WriteSummary(json, d);
        Say("must_vanish", d.Bounds.MustVanish);
        Say("can_explode", d.Bounds.CanExplode);
        Number("gamma", d.Bounds.Gamma);
        Number("loss", d.Loss);
        json.WriteString("loss_unit", subject.Task.LossUnit);
        Number("error", d.Error);
        Number("curvature", d.Curvature);
        Number("learning_rate_bound", d.LearningRateBound);
        Number("clip_threshold", d.Clipping.Threshold);
        Number("clip_rate", d.Clipping.ClipRate);
        Write(json, "long_term_quantiles", d.LongTermShare);
        Write(json, "gradient_norm", Quantiles.Of(d.Norms.AsSpan()));
        Array("gradient_norms", d.Norms);
        Curve("by_lag", d.ByLag);
        Curve("by_step", d.ByStep);
        json.WriteStartObject("omega_by_step");
        Array("term", d.OmegaByStep.Select(step => step.Term));
        Array("ratio", d.OmegaByStep.Select(step => step.Ratio));
        json.WriteEndObject();
        Write(json, "lyapunov_exponent", jacobians.Exponent);
        json.WriteStartObject("error_direction");
        json.WriteNumber("steps", jacobians.Ratio.Count);
        Write(json, "ratio", jacobians.Ratio);
        Write(json, "singular_values_below", jacobians.Rank);
        Write(json, "largest_singular_value", jacobians.Largest);
        json.WriteEndObject();
        json.WriteStartArray("advice");
        foreach (Advice one in advice)
        {
            json.WriteStartObject();
            json.WriteString("about", one.About);
            json.WriteString("text", one.Text);
            Number("value", one.Value);
            json.WriteString("because", one.Because);
            json.WriteString("section", one.Section);
            AdviceHow how = AdviceHow.Of(one, shape);
            json.WriteString("hurts", how.Hurts);
            json.WriteString("torch", how.Torch);
            json.WriteString("csharp", how.CSharp);
            json.WriteString("expect", how.Expect);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (d.ZeroFrom is { } zero) json.WriteNumber("zero_from", zero);
        else json.WriteNull("zero_from");
        if (d.Bounds.VanishedBy is { } limit) json.WriteNumber("vanished_by", limit);
        else json.WriteNull("vanished_by");
        Number("omega_gradient", d.OmegaGradient);
        Number("clip_mean", d.Clipping.Mean);
        json.WriteStartArray("notes");
        foreach (string note in subject.Notes) json.WriteStringValue(note);
        json.WriteEndArray();
        if (!shape.IsOnPreActivations) WriteCells(json, d, jacobians);

        void Say(string name, bool value)
        {
            if (d.Bounds.Hold) json.WriteBoolean(name, value);
            else json.WriteNull(name);
        }

        void Number(string name, double? value) => JsonLine.WriteNumber(json, name, value);

        void Array(string name, IEnumerable<double> values) => WriteArray(json, name, values);

        void Curve(string name, IReadOnlyList<Quantiles> curve) => WriteCurve(json, name, curve);
    }

    /// <summary>What is written for networks other than one plain layer.</summary>
    private static void WriteCells(Utf8JsonWriter json, GradientDiagnosis d, JacobianFacts jacobians)
    {
        json.WriteBoolean("bounds_hold", d.Bounds.Hold);
        json.WriteStartObject("state_jacobian");
        json.WriteNumber("steps", jacobians.Radius.Count);
        Write(json, "spectral_radius", jacobians.Radius);
        Write(json, "largest_singular_value", jacobians.Stretch);
        json.WriteEndObject();
        json.WriteStartArray("layers");
        foreach (LayerDiagnosis layer in d.Layers)
        {
            json.WriteStartObject();
            json.WriteNumber("layer", layer.Index + 1);
            json.WriteString("cell", OptionsText.Name(layer.Shape.Cell));
            json.WriteNumber("hidden", layer.Shape.Hidden);
            json.WriteString("activation", layer.Shape.Definition.HasActivation
                ? OptionsText.Name(layer.Shape.Activation) : null);
            JsonLine.WriteNumber(json, "measured_rate", layer.Measured.Rate);
            JsonLine.WriteNumber(json, "omega", layer.Omega.Omega);
            JsonLine.WriteNumber(json, "omega_kept", layer.Omega.Kept);
            WriteCurve(json, "by_lag", layer.ByLag);
            JsonLine.WriteObjects(json, "saturation", layer.Saturation, gate =>
            {
                json.WriteString("of", gate.Gate);
                json.WriteBoolean("gate", gate.IsGate);
                JsonLine.WriteNumber(json, "low", gate.Low);
                JsonLine.WriteNumber(json, "high", gate.High);
                JsonLine.WriteNumber(json, "mean", gate.Mean);
            });
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values) WriteValue(json, value);
        json.WriteEndArray();
    }

    private static void WriteCurve(Utf8JsonWriter json, string name, IReadOnlyList<Quantiles> curve)
    {
        json.WriteStartObject(name);
        WriteArray(json, "lower", curve.Select(q => q.Lower));
        WriteArray(json, "median", curve.Select(q => q.Median));
        WriteArray(json, "upper", curve.Select(q => q.Upper));
        json.WriteEndObject();
    }

    /// <summary>The keys that a diagnosis in training has, too.</summary>
    public static void WriteSummary(Utf8JsonWriter json, GradientDiagnosis d)
    {
        json.WriteString("verdict", OptionsText.Name(d.Verdict));
        if (d.Lag is { } lag) json.WriteNumber("lag", lag);
        else json.WriteNull("lag");
        json.WriteNumber("exploding_probability", d.ExplodingProbability);
        JsonLine.WriteNumber(json, "spectral_radius", d.Bounds.SpectralRadius);
        JsonLine.WriteNumber(json, "largest_singular_value", d.Bounds.LargestSingularValue);
        JsonLine.WriteNumber(json, "eta", d.Bounds.Eta);
        JsonLine.WriteNumber(json, "measured_rate", d.Measured.Rate);
        JsonLine.WriteNumber(json, "saturated", d.Saturated);
        JsonLine.WriteNumber(json, "long_term_share", d.LongTermShare.Median);
        json.WriteNumber("long_term_from", d.LongBorder);
        JsonLine.WriteNumber(json, "omega", d.Omega.Omega);
        JsonLine.WriteNumber(json, "omega_kept", d.Omega.Kept);
    }

    /// <summary>Order statistics as an object.</summary>
    public static void Write(Utf8JsonWriter json, string name, Quantiles q)
    {
        json.WriteStartObject(name);
        JsonLine.WriteNumber(json, "mean", q.Mean);
        JsonLine.WriteNumber(json, "minimum", q.Minimum);
        JsonLine.WriteNumber(json, "lower", q.Lower);
        JsonLine.WriteNumber(json, "median", q.Median);
        JsonLine.WriteNumber(json, "upper", q.Upper);
        JsonLine.WriteNumber(json, "maximum", q.Maximum);
        json.WriteEndObject();
    }

    /// <summary>A number, or null where JSON cannot express it.</summary>
    public static void WriteValue(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value)) json.WriteNumberValue(value);
        else json.WriteNullValue();
    }
}
