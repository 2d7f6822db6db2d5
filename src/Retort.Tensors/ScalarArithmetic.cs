using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>
/// Sums, and arithmetic with a plain number, whose Scalar is held until the call is over. TorchSharp's own (its plus sign
/// included, which multiplies by an implicit 1) lets go of it when the handle is read: a collection during the call then
/// frees the number that libtorch is about to read.
/// </summary>
static class ScalarArithmetic
{
    /// <summary>1, kept for good.</summary>
    public static readonly Scalar One = 1.ToScalar();

    static readonly Scalar s_minusOne = (-1).ToScalar();

    extension(Tensor x)
    {
        /// <summary>x + y.</summary>
        public Tensor Plus(Tensor y) => x.add(y, alpha: One);

        /// <summary>x - y.</summary>
        public Tensor Minus(Tensor y) => x.add(y, alpha: s_minusOne);

        /// <summary>x + times · y.</summary>
        public Tensor Plus(Tensor y, double times)
        {
            using var scalar = times.ToScalar();
            return x.add(y, alpha: scalar);
        }

        /// <summary>x ← x + number.</summary>
        public Tensor Increase(double number)
        {
            using var scalar = number.ToScalar();
            return x.add_(scalar, One);
        }

        /// <summary>x ← x + times · y.</summary>
        public Tensor Increase(Tensor y, double times)
        {
            using var scalar = times.ToScalar();
            return x.add_(y, alpha: scalar);
        }

        /// <summary>x ← factor · x.</summary>
        public Tensor Scale(double factor)
        {
            using var scalar = factor.ToScalar();
            return x.mul_(scalar);
        }

        /// <summary>x ← x + times · y z, number by number.</summary>
        public Tensor IncreaseByProduct(Tensor y, Tensor z, double times)
        {
            using var scalar = times.ToScalar();
            return x.addcmul_(y, z, value: scalar);
        }

        /// <summary>x ← x + times · y / z, number by number.</summary>
        public Tensor IncreaseByQuotient(Tensor y, Tensor z, double times)
        {
            using var scalar = times.ToScalar();
            return x.addcdiv_(y, z, value: scalar);
        }
    }
}
