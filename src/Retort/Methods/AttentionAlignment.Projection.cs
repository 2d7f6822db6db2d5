using Parameter = TorchSharp.Modules.Parameter;

namespace Retort.Methods;

/// <remarks>This file: the projections of the student's maps (variant 3).</remarks>
public sealed partial class AttentionAlignment
{
    /// <summary>A projection for each of the student's layers.</summary>
    internal sealed class MapProjections : torch.nn.Module
    {
        const long MostTokens = 64;                                         // 64⁴ weights a layer are 67 MB

        readonly TorchSharp.Modules.ModuleList<MapProjection> layers;

        MapProjections(int count, long tokens) : base(nameof(MapProjections))
        {
            layers = new([.. Enumerable.Range(0, count).Select(_ => new MapProjection(tokens))]);
            RegisterComponents();
        }

        /// <summary>The projections for a student and its data; null where it has no attentions.</summary>
        /// <exception cref="InvalidOperationException">The examples have too many tokens.</exception>
        public static MapProjections? For(MethodContext context)
        {
            TokenStates.CheckTextsAlone($"The variant \"projectedKl\" of the method \"{Method}\"", context.Data);
            var count = context.Student.Widths(Output.Attentions).Count;
            if (count == 0) return null;                                    // refused by what the method requires

            var tokens = context.Data.Input(InputNames.AttentionMask)?.Count
                ?? context.Student[Output.Attentions][0][^1];
            if (tokens > MostTokens) throw new InvalidOperationException(Invariant(
                $"The variant \"projectedKl\" of the method \"{Method}\" trains tokens⁴ weights for each layer and ")
                + Invariant($"allows at most {MostTokens} tokens; the data's longest example has {tokens}."));
            return new(count, tokens);
        }

        /// <summary>The pair's rows, the student's projected.</summary>
        public HeadRows Project(AttentionPair maps, int layer) => layers[layer].Project(maps);
    }

    /// <summary>ReLU(W s + b) of a student's maps, Eq. 11. It begins as the maps themselves.</summary>
    internal sealed class MapProjection : torch.nn.Module
    {
        readonly Parameter weight;                                          // [N, N], N = tokens²
        readonly Parameter bias;                                            // [N]
        readonly long _tokens;

        /// <param name="tokens">The most tokens of an example.</param>
        public MapProjection(long tokens) : base(nameof(MapProjection))
        {
            _tokens = tokens;
            weight = new(torch.eye(tokens * tokens));
            bias = new(torch.zeros(tokens * tokens));
            RegisterComponents();
        }

        /// <summary>The pair's rows, the student's divided by their sums and projected; padding remains 0.</summary>
        public HeadRows Project(AttentionPair maps)
        {
            var (t, s) = maps.Maps();                                       // [B, Ht, T · T], [B, Hs, T · T]
            var (w, b) = FirstTokens(maps.Student.size(-1));
            var shares = HeadRows.Shares(s);
            var projected = shares.Linear(w.to(shares.dtype), b.to(shares.dtype)).AtLeastFloat32().Relu();
            return new(t, projected.Where(maps.Real.flatten(2), 0));        // b is also added at padding
        }

        // W and b for the cells of the first T tokens: [T · T, T · T], [T · T]
        (Tensor Weight, Tensor Bias) FirstTokens(long count)
        {
            if (count == _tokens) return (weight, bias);

            var n = (int)(count * count);
            long[] numbers = [.. Enumerable.Range(0, n).Select(cell => cell / count * _tokens + cell % count)];
            var cells = numbers.ToTensor(n).to(weight.device);
            return (weight.index_select(0, cells).index_select(1, cells), bias.index_select(0, cells));
        }
    }
}
