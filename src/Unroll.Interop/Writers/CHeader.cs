using System.Text;
using Unroll.Files;

namespace Unroll.Interop;

/// <summary>Puts a header of C together.</summary>
internal sealed class CHeader(Network<float> network, ModelInfo info, CHeaderOptions options)
{
    private readonly NetworkShape _shape = network.Shape;
    private readonly string _name = options.Name;

    /// <summary>What it takes; known after <see cref="Text"/>.</summary>
    public CSizes Sizes { get; private set; }

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

        int scratch = options.Weights == CWeights.Int8 ? Math.Max(widest, _shape.Outputs) : 0;
        Sizes = new CSizes(text.Bytes, _shape.StateWidth * sizeof(float), (widest + scratch) * sizeof(float));
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


            """));
        header.Append(CParts.State(_name)).Append('\n').Append(text.Constants).Append('\n');
        foreach (string part in CParts.Functions(options, indexed, Activations())) header.Append(part).Append('\n');
        header.Append(CParts.Reset(_name, initial)).Append('\n');
        header.Append(Step(text, widest, scratch, indexed)).Append('\n');
        if (!_shape.Head.Cost().HasValues())
            header.Append(CParts.Probabilities(_name, _shape.Head.Cost() == HeadCost.Softmax)).Append('\n');
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
        text.Line("if (out != NULL) {");
        string bias = _shape.Biases ? text.Constant("b", network.OutputBias) + "[j]" : "0.0f";
        text.Line(Invariant($"    for (int j = 0; j < {_shape.Outputs}; j++) out[j] = {bias};"));
        Product(text, "w", network.OutputWeights, _shape.Hidden, "out", Invariant($"state->s + {offset}"), false);
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
            InputEncoding.MultiHot => Invariant($"in has {_shape.Inputs} numbers, 1 where an input is active and else 0"),
            _ => Invariant($"in has {_shape.Inputs} numbers"),
        };
        string gives = _shape.Head.Cost() switch
        {
            HeadCost.Softmax => Invariant($"{_shape.Outputs} numbers before softmax ({_name}_probabilities)"),
            HeadCost.Bernoulli => Invariant($"{_shape.Outputs} numbers before the logistic function ({_name}_probabilities)"),
            _ => Invariant($"{_shape.Outputs} numbers"),
        };
        string last = _shape.PredictsEveryStep ? ""
            : "\n * The network was trained to predict at a sequence's last step: before it out may be NULL.";
        string sum = scratch == 0 ? "" : Invariant($"\n    float sum[{scratch}];");
        return $$"""
            /* One step. {{takes}}.
             * out receives {{gives}}, or is NULL for none.{{last}} */
            static inline void {{_name}}_step({{_name}}_state *state, {{(indexed ? "int in" : "const float *in")}}, float *out)
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
        return Invariant($$"""
            /* Written by Unroll {{UnrollMetadata.Version}}: {{_shape.Inputs}} inputs, {{layers}}, {{_shape.Outputs}} outputs{{task}}{{length}}.
             *
             *     {{_name}}_state state;
             *     {{_name}}_reset(&state);            before each sequence
             *     {{_name}}_step(&state, in, out);    for each step
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
