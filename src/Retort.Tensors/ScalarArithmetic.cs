namespace Retort.Tensors;

/// <summary>Sums of tensors, and arithmetic with a plain number.</summary>
/// <remarks>
/// Each method holds the <see cref="Scalar"/> that it passes to libtorch until the call is over. TorchSharp's own
/// operators, also <c>x + y</c> with its implicit factor of 1, let go of it once its handle is read: a garbage
/// collection during the call then frees the number that libtorch is about to read.
/// </remarks>
static class ScalarArithmetic
{
    /// <summary>1, never freed.</summary>
    public static readonly Scalar One = 1.ToScalar();

    /// <summary>2, never freed.</summary>
    public static readonly Scalar Two = 2.ToScalar();

    static readonly Scalar s_minusOne = (-1).ToScalar();

    extension(Tensor x)
    {
        /// <summary>x + y.</summary>
        public Tensor Plus(Tensor y) => x.add(y, alpha: One);

        /// <summary>x - y.</summary>
        public Tensor Minus(Tensor y) => x.add(y, alpha: s_minusOne);

        /// <summary>x + factor · y.</summary>
        public Tensor Plus(Tensor y, double factor)
        {
            using var scalar = factor.ToScalar();
            return x.add(y, alpha: scalar);
        }

        /// <summary>x + number.</summary>
        public Tensor Plus(double number)
        {
            using var scalar = number.ToScalar();
            return x.add(scalar, One);
        }

        /// <summary>factor · x.</summary>
        public Tensor Scaled(double factor)
        {
            using var scalar = factor.ToScalar();
            return x.mul(scalar);
        }

        /// <summary>x / divisor.</summary>
        public Tensor Over(double divisor)
        {
            using var scalar = divisor.ToScalar();
            return x.div(scalar);
        }

        /// <summary>x ← x + number.</summary>
        public Tensor Increase(double number)
        {
            using var scalar = number.ToScalar();
            return x.add_(scalar, One);
        }

        /// <summary>x ← x + factor · y.</summary>
        public Tensor Increase(Tensor y, double factor)
        {
            using var scalar = factor.ToScalar();
            return x.add_(y, alpha: scalar);
        }

        /// <summary>x ← factor · x.</summary>
        public Tensor Scale(double factor)
        {
            using var scalar = factor.ToScalar();
            return x.mul_(scalar);
        }

        /// <summary>x ← x + factor · y z, element by element.</summary>
        public Tensor IncreaseByProduct(Tensor y, Tensor z, double factor)
        {
            using var scalar = factor.ToScalar();
            return x.addcmul_(y, z, value: scalar);
        }

        /// <summary>x ← x + factor · y / z, element by element.</summary>
        public Tensor IncreaseByQuotient(Tensor y, Tensor z, double factor)
        {
            using var scalar = factor.ToScalar();
            return x.addcdiv_(y, z, value: scalar);
        }
    }
}
