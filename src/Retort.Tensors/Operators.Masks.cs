namespace Retort.Tensors;

/// <remarks>Masks: true at tokens, false at padding.</remarks>
public static partial class Operators
{
    extension(Tensor x)
    {
        /// <summary>An attention mask of 0 and 1 as a mask. [B, T] int64 → [B, T] bool</summary>
        public Tensor ToMask()
        {
            var y = x.to(ScalarType.Bool);
            Recorder.Current?.Add(y, "Cast", [x], ("to", "bool"));
            return y;
        }

        /// <summary>1 where a mask is true and 0 elsewhere. [B, T] bool → [B, T]</summary>
        public Tensor MaskToWeights(ScalarType type)
        {
            var y = x.to(type);
            Recorder.Current?.Add(y, "Cast", [x], ("to", "float32"));
            return y;
        }

        /// <summary>x where it is at least 1, else 1.</summary>
        public Tensor AtLeastOne()
        {
            var y = x.clamp_min(ScalarArithmetic.One);
            Recorder.Current?.Add(y, "Max", [x], ("value", 1.0));
            return y;
        }
    }
}
