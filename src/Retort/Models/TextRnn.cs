using TorchSharp.Modules;

namespace Retort.Models;

/// <summary>Options of <see cref="TextRnn"/>.</summary>
public sealed record TextRnnOptions : ModelOptions
{
    /// <summary>The cell of a step.</summary>
    public CellKind Cell { get; init; } = CellKind.Lstm;

    /// <summary>H: the width of a direction's state.</summary>
    [AtLeast(1)] public int Hidden { get; init; } = 100;

    /// <summary>Layers, each over the states of the one before in both directions.</summary>
    [AtLeast(1)] public int Layers { get; init; } = 2;

    public override Network Build(DatasetInfo info) => new TextRnn(OptionRules.Check(this), info);

    /// <summary>Cells.</summary>
    public enum CellKind
    {
        /// <summary>h' = tanh(W x + b + U h + c).</summary>
        Rnn,

        /// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997), with a forget gate.</summary>
        Lstm,
    }
}

/// <summary>
/// A recurrent network over the vectors of a text's words in both directions; the last layer's final states are the
/// embedding. Hidden states: all states of each layer. Parameters have PyTorch's names and initial values.
/// </summary>
public sealed class TextRnn : Network
{
    readonly RecurrentLayers rnn;
    readonly Tensors.Linear? fc;
    readonly long _hidden;

    public TextRnn(TextRnnOptions options, DatasetInfo info) : base(nameof(TextRnn))
    {
        _hidden = options.Hidden;
        rnn = new(options, VectorInput.Of(info, "text-rnn").Width);
        fc = ClassifierOutputs.Classifier(2 * _hidden, info);
        RegisterComponents();
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(fc);

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var states = rnn.States(inputs[InputNames.InputsEmbeds]);                               // each [B, T, 2H]
        return ClassifierOutputs.To(wanted, states, Embed, fc);

        // a direction's final state is at its last word: the text's last, or its first
        Tensor Embed()
        {
            var (last, words) = (states[^1], states[^1].size(1));
            var forward = last.Slice(1, words - 1, words).Squeeze(1).Slice(1, 0, _hidden);
            var backward = last.Slice(1, 0, 1).Squeeze(1).Slice(1, _hidden, 2 * _hidden);
            return forward.Concat(1, backward);                                                 // [B, 2H]
        }
    }
}

/// <summary>The layers, written from products, sigmoid and tanh, so that they can be differentiated twice.</summary>
sealed class RecurrentLayers : torch.nn.Module
{
    static readonly string[] s_directions = ["", "_reverse"];

    readonly List<Direction> _directions = [];
    readonly TextRnnOptions _options;

    public RecurrentLayers(TextRnnOptions options, long width) : base(nameof(RecurrentLayers))
    {
        _options = options;
        var gates = options.Cell == TextRnnOptions.CellKind.Lstm ? 4 : 1;
        var bound = 1 / Math.Sqrt(options.Hidden);
        for (var layer = 0; layer < options.Layers; layer++)
            foreach (var direction in s_directions)
            {
                var end = Invariant($"_l{layer}{direction}");
                var from = layer == 0 ? width : 2 * options.Hidden;
                _directions.Add(new(
                    Draw("weight_ih" + end, gates * options.Hidden, from),
                    Draw("weight_hh" + end, gates * options.Hidden, options.Hidden),
                    Draw("bias_ih" + end, gates * options.Hidden),
                    Draw("bias_hh" + end, gates * options.Hidden)));
            }

        Parameter Draw(string name, params long[] shape)
        {
            var parameter = new Parameter(torch.empty(shape).uniform_(-bound, bound));
            register_parameter(name, parameter);
            return parameter;
        }
    }

    /// <summary>All states of each layer. [B, T, D] → [B, T, 2H] each</summary>
    public List<Tensor> States(Tensor x)
    {
        var all = new List<Tensor>();
        for (var layer = 0; layer < _options.Layers; layer++)
        {
            var forward = Run(x, _directions[2 * layer], isReverse: false);
            var backward = Run(x, _directions[2 * layer + 1], isReverse: true);
            all.Add(x = forward.Concat(2, backward));                                           // [B, T, 2H]
        }
        return all;
    }

    // [B, T, D] → [B, T, H]
    Tensor Run(Tensor x, Direction direction, bool isReverse)
    {
        var words = (int)x.size(1);
        var inputs = x.Linear(direction.OfInput.Value, direction.BiasOfInput.Value);            // [B, T, GH]
        var states = new Tensor[words];
        Tensor? hidden = null, memory = null;
        for (var i = 0; i < words; i++)
        {
            var t = isReverse ? words - 1 - i : i;
            var own = inputs.Slice(1, t, t + 1).Squeeze(1);                                     // [B, GH]

            // the first state is 0
            var sums = own.Add(hidden is null ? direction.BiasOfState.Value
                : hidden.Linear(direction.OfState.Value, direction.BiasOfState.Value));
            (hidden, memory) = _options.Cell == TextRnnOptions.CellKind.Rnn ? (sums.Tanh(), null) : Lstm(sums, memory);
            states[t] = hidden.Unsqueeze(1);
        }
        return words == 1 ? states[0] : states[0].Concat(1, states.AsSpan(1));
    }

    // gates in PyTorch's order: input, forget, cell, output
    (Tensor Hidden, Tensor? Memory) Lstm(Tensor sums, Tensor? memory)
    {
        var width = (long)_options.Hidden;
        var added = Gate(0).Sigmoid().Times(Gate(2).Tanh());
        var next = memory is null ? added : Gate(1).Sigmoid().Times(memory).Add(added);
        return (Gate(3).Sigmoid().Times(next.Tanh()), next);

        Tensor Gate(int index) => sums.Slice(1, index * width, (index + 1) * width);
    }

    sealed record Direction(Parameter OfInput, Parameter OfState, Parameter BiasOfInput, Parameter BiasOfState);
}
