using System.Text;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Interop;

/// <summary>Puts a header of C together.</summary>
internal sealed class CHeader(Network<float> network, ModelInfo info, CHeaderOptions options)
{
    private readonly NetworkShape _shape = network.Shape;
    private readonly string _name = options.Name;
    private readonly CSeries? _series = SeriesPlan.Of(info) is { } plan ? new CSeries(plan, options.Name) : null;

    /// <summary>What it takes; known after <see cref="Text"/>.</summary>
    public CSizes Sizes { get; private set; }

    // The mean or the largest of the states is carried, with the number of steps.
    private bool Pools => _shape.Read != StateReading.Last;

    private bool Sorts => _shape.Head.Cost() == HeadCost.Quantile && _shape.Quantiles.Count > 1;

    private int Kept => SeriesPlan.Of(info)!.Encoder.Columns.Count;

    public string Text()
    {
        var text = new CText(_name);
        int widest = Layers(text);
        Head(text);
        string initial = "";
        if (_shape.LearnedInitialState)
        {
            text.Constant("start", network.InitialState);
            initial = $"{_name}_start[i]";
        }

        _series?.Constants(text);
        int scratch = options.Weights == CWeights.Int8 ? Math.Max(widest, _shape.Outputs) : 0;
        int state = _shape.StateWidth + (Pools ? _shape.Hidden + 1 : 0) + (_series is { Keeps: true } ? Kept : 0);
        int stack = (widest + scratch + (_shape.Read == StateReading.Mean ? _shape.Hidden : 0)) * sizeof(float);
        Sizes = new CSizes(text.Bytes, state * sizeof(float), stack + (_series?.Stack(state) ?? 0));
        bool indexed = _shape.Encoding == InputEncoding.OneHot;
        var header = new StringBuilder();
        header.Append(Comment()).Append(Invariant($$"""
            #ifndef {{_name}}_H_INCLUDED
            #define {{_name}}_H_INCLUDED

            #include <math.h>
            #include <stddef.h>

            #if defined(__cplusplus)
            #define {{_name}}_RESTRICT __restrict
            #else
            #define {{_name}}_RESTRICT restrict
            #endif

            #define {{_name}}_INPUTS {{_shape.Inputs}}
            #define {{_name}}_OUTPUTS {{_shape.Outputs}}
            #define {{_name}}_STATE {{_shape.StateWidth}}
            {{_series?.Sizes()}}

            """));
        header.Append(CParts.State(_name, Pools ? _shape.Hidden : 0,
            _series is { Keeps: true })).Append('\n').Append(text.Constants).Append('\n');
        foreach (string part in CParts.Functions(options, indexed, Activations())) header.Append(part).Append('\n');
        if (Sorts) header.Append(CParts.Sort(_name, _shape.Quantiles.Count)).Append('\n');
        header.Append(CParts.Reset(_name, initial, Pools ? _shape.Hidden : 0, _series is { Keeps: true })).Append('\n');
        header.Append(Step(text, widest, scratch, indexed)).Append('\n');
        if (!_shape.Head.Cost().HasValues())
            header.Append(CParts.Probabilities(_name, _shape.Head.Cost() == HeadCost.Softmax)).Append('\n');
        foreach (string part in _series?.Functions() ?? []) header.Append(part).Append('\n');
        header.Append("#endif\n");
        return header.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>Adds the statements of all layers; returns the most pre-activations of one.</summary>
    private int Layers(CText text)
    {
        int widest = 0, offset = 0;
        string from = "in";
        for (int k = 0; k < _shape.Layers.Count; k++)
        {
            var layer = new LayerView(network, k);
            ICellForms forms = CellForms.Of(layer.Shape);
            CLayerPlan plan = forms.Plan(layer);
            int h = layer.Hidden, places = plan.Places * h;
            widest = Math.Max(widest, places);
            text.Line("{");
            text.Line(Invariant($"    float *h = state->s + {offset}; /* layer {k + 1}: {layer.Shape} */"));
            string bias = plan.Bias is null ? "0.0f" : text.Constant(Invariant($"b_l{k}"), plan.Bias) + "[j]";
            text.Line(Invariant($"    for (int j = 0; j < {places}; j++) x[j] = {bias};"));
            float[] ih = layer.Reordered(layer.InputWeights, layer.Inputs, plan.InputGates);
            float[] hh = layer.Reordered(layer.RecurrentWeights, h, plan.RecurrentGates);
            bool indexed = k == 0 && _shape.Encoding == InputEncoding.OneHot;
            Product(text, Invariant($"w_ih_l{k}"), ih, layer.Inputs, "x", from, indexed);
            int first = plan.FirstRecurrent * h;
            Product(text, Invariant($"w_hh_l{k}"), hh, h, first == 0 ? "x" : Invariant($"x + {first}"), "h", false);
            forms.C(text, layer);
            text.Line("}");
            from = Invariant($"state->s + {offset}");
            offset += h * layer.Parts;
        }

        return widest;
    }

    private void Head(CText text)
    {
        int offset = _shape.StateWidth - _shape.Layers[^1].StateWidth;
        string from = Invariant($"state->s + {offset}");
        if (Pools)
        {
            text.Line("{");
            text.Line($"    const float *h = {from};");
            text.Loop("j", _shape.Hidden, _shape.Read == StateReading.Mean ? "state->pool[j] += h[j];"
                : "state->pool[j] = state->steps == 0.0f || h[j] > state->pool[j] ? h[j] : state->pool[j];");
            text.Line("    state->steps += 1.0f;");
            text.Line("}");
        }

        text.Line("if (out != NULL) {");
        if (_shape.Read == StateReading.Mean)
        {
            text.Line(Invariant($"    float mean[{_shape.Hidden}];"));
            text.Loop("j", _shape.Hidden, "mean[j] = state->pool[j] / state->steps;");
        }

        string bias = _shape.Biases ? text.Constant("b", network.OutputBias) + "[j]" : "0.0f";
        text.Line(Invariant($"    for (int j = 0; j < {_shape.Outputs}; j++) out[j] = {bias};"));
        from = _shape.Read switch { StateReading.Mean => "mean", StateReading.Max => "state->pool", _ => from };
        Product(text, "w", network.OutputWeights, _shape.Hidden, "out", from, false);
        if (Sorts) text.Line($"    {_name}_sort(out);");
        text.Line("}");
    }

    private void Product(
        CText text, string part, ReadOnlySpan<float> values, int columns, string to, string from, bool indexed) =>
        text.Line("    " + CMatrix.Product(text, part, values, columns, to, from, indexed, options.Weights));

    private string Step(CText text, int widest, int scratch, bool indexed)
    {
        string takes = _shape.Encoding switch
        {
            InputEncoding.OneHot => Invariant($"in is the index of the input that is 1, 0..{_shape.Inputs - 1}, or -1 for none"),
            InputEncoding.MultiHot => Invariant($"in has {Counted.Of(_shape.Inputs, "number")}, 1 where an input is ")
                + "active and else 0",
            _ => Invariant($"in has {Counted.Of(_shape.Inputs, "number")}"),
        };
        string gives = _shape.Head.Cost() switch
        {
            HeadCost.Softmax => Invariant($"{Counted.Of(_shape.Outputs, "number")} before softmax ({_name}_probabilities)"),
            HeadCost.Bernoulli => Invariant($"{Counted.Of(_shape.Outputs, "number")} before the logistic function ")
                + Invariant($"({_name}_probabilities)"),
            _ => Counted.Of(_shape.Outputs, "number"),
        };
        string last = _shape.PredictsEveryStep ? ""
            : "\n * The network was trained to predict at a sequence's last step: before it out may be NULL.";
        string step = _series is null ? $"{_name}_step" : $"{_name}_network_step";
        string sum = scratch == 0 ? "" : Invariant($"\n    float sum[{scratch}];");
        return $$"""
            /* One step. {{takes}}.
             * out receives {{gives}}, or is NULL for none.{{last}} */
            static inline void {{step}}({{_name}}_state *state, {{(indexed ? "int in" : "const float *in")}}, float *out)
            {
                float x[{{Invariant($"{widest}")}}];{{sum}}
            {{text.Statements}}}

            """;
    }

    private HashSet<Activation> Activations()
    {
        var used = new HashSet<Activation>();
        foreach (LayerShape layer in _shape.Layers)
        {
            if (layer.Definition.HasActivation) used.Add(layer.Activation);
            else used.UnionWith([Activation.Tanh, Activation.Sigmoid]);
        }

        if (_shape.Head.Cost() == HeadCost.Bernoulli) used.Add(Activation.Sigmoid);
        return used;
    }

    private string Comment()
    {
        string task = info.Task is { } name ? $", {Plain(name)}" : "";
        string length = info.Length is { Length: > 0 } trained ? $" on length {Plain(trained)}" : "";
        string layers = string.Join(", ", _shape.Layers.Select(layer => layer.ToString()));
        IEnumerable<string> use = _series?.Use() ??
        [
            $"{_name}_state state;", $"{_name}_reset(&state);            before each sequence",
            $"{_name}_step(&state, in, out);    for each step",
        ];
        string network = Invariant($"{Counted.Of(_shape.Inputs, "input")}, {layers}, ")
            + Invariant($"{Counted.Of(_shape.Outputs, "output")}{task}{length}");
        return Invariant($$"""
            /* Written by Unroll {{UnrollMetadata.Version}}: {{network}}.
             *
             *     {{string.Join("\n *     ", use)}}
             *
             * {{Sizes.Constants}} bytes of constants, {{Sizes.State}} of state, {{Sizes.Stack}} on the stack.
             * No allocation; math.h alone.
             * The functions are static: include the header in one file, or its constants are there twice. */

            """);
    }

    /// <summary>A text that ends no comment.</summary>
    private static string Plain(string text) =>
        new([.. text.Take(60).Select(letter => char.IsAsciiLetterOrDigit(letter) || " .,-_:".Contains(letter) ? letter : '.')]);
}
