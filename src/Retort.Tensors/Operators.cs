using static TorchSharp.torch.nn;

namespace Retort.Tensors;

/// <summary>
/// Operators that networks are made of. The <see cref="Recorder"/> sees each under its ONNX name, and each checks the
/// wrong use at which libtorch would end the process.
/// </summary>
/// <remarks>This file: arithmetic, activations and products.</remarks>
public static partial class Operators
{
    extension(Tensor x)
    {
        /// <summary>x + y, broadcast. C#'s own + is not recorded, and not safe: see ScalarArithmetic.</summary>
        public Tensor Add(Tensor y) => Recorder.Trace(x.Plus(y), "Add", [x, y]);

        /// <summary>
        /// x + y written over x: for the result of a convolution or a norm that nothing else reads. While a recorder is
        /// open this is <c>Add</c>.
        /// </summary>
        /// <param name="y">Of a shape that broadcasts to x's.</param>
        public Tensor AddInPlace(Tensor y) =>
            Recorder.Current is null ? x.add_(y, alpha: ScalarArithmetic.One) : x.Add(y);

        /// <summary>x - y, broadcast.</summary>
        public Tensor Subtract(Tensor y) => Recorder.Trace(x.Minus(y), "Sub", [x, y]);

        /// <summary>x · y element by element, broadcast.</summary>
        public Tensor Times(Tensor y) => Recorder.Trace(x.mul(y), "Mul", [x, y]);

        /// <summary>x² element by element.</summary>
        public Tensor Squared() => Recorder.Trace(x.pow(ScalarArithmetic.Two), "Mul", [x, x]);

        /// <summary>x / y element by element, broadcast.</summary>
        public Tensor DividedBy(Tensor y) => Recorder.Trace(x.div(y), "Div", [x, y]);

        /// <summary>Adds a number to every element.</summary>
        public Tensor Add(double number)
        {
            using var scalar = number.ToScalar();
            var y = x.add(scalar, ScalarArithmetic.One);
            Recorder.Current?.Add(y, "Add", [x], ("value", number));
            return y;
        }

        /// <summary>Multiplies every element by a number.</summary>
        public Tensor Times(double factor)
        {
            using var scalar = factor.ToScalar();
            var y = x.mul(scalar);
            Recorder.Current?.Add(y, "Mul", [x], ("value", factor));
            return y;
        }

        /// <summary>√x.</summary>
        public Tensor Sqrt() => Recorder.Trace(x.sqrt(), "Sqrt", [x]);

        /// <summary>eˣ.</summary>
        public Tensor Exp() => Recorder.Trace(x.exp(), "Exp", [x]);

        /// <summary>log x, base e.</summary>
        public Tensor Log() => Recorder.Trace(x.log(), "Log", [x]);

        /// <summary>max(x, 0).</summary>
        public Tensor Relu() => Recorder.Trace(x.relu(), "Relu", [x]);

        /// <summary>
        /// max(x, 0) written over x: for the result of a convolution, a linear layer or a norm that nothing else reads.
        /// While a recorder is open this is <c>Relu</c>.
        /// </summary>
        public Tensor ReluInPlace() => Recorder.Current is null ? x.relu_() : x.Relu();

        /// <summary>min(max(x, 0), 6).</summary>
        public Tensor Relu6()
        {
            var y = functional.relu6(x);
            Recorder.Current?.Add(y, "Clip", [x], ("min", 0.0), ("max", 6.0));
            return y;
        }

        /// <summary>x, at least <paramref name="min"/> and at most <paramref name="max"/>.</summary>
        public Tensor Clip(double min, double max)
        {
            using var low = min.ToScalar();
            using var high = max.ToScalar();
            var y = x.clamp(low, high);
            Recorder.Current?.Add(y, "Clip", [x], ("min", min), ("max", max));
            return y;
        }

        /// <summary>x where positive, else slope · x.</summary>
        public Tensor LeakyRelu(double slope = 0.01)
        {
            using var scalar = slope.ToScalar();
            var y = x.leaky_relu(scalar);
            Recorder.Current?.Add(y, "LeakyRelu", [x], ("alpha", slope));
            return y;
        }

        /// <summary>x where positive, else eˣ - 1.</summary>
        public Tensor Elu()
        {
            using var one = 1.0.ToScalar();
            var y = x.elu(one, one, one);
            Recorder.Current?.Add(y, "Elu", [x], ("alpha", 1.0));
            return y;
        }

        /// <summary>x Φ(x), with the exact Φ (arXiv:1606.08415).</summary>
        public Tensor Gelu()
        {
            var y = x.gelu();
            Recorder.Current?.Add(y, "Gelu", [x], ("approximate", "none"));
            return y;
        }

        /// <summary>½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), the approximation that GPT-2 was trained with.</summary>
        public Tensor GeluTanh()
        {
            var y = x.gelu(TorchSharp.Modules.GELU.Approximate.tanh);
            Recorder.Current?.Add(y, "Gelu", [x], ("approximate", "tanh"));
            return y;
        }

        /// <summary>1 / (1 + e⁻ˣ).</summary>
        public Tensor Sigmoid() => Recorder.Trace(x.sigmoid(), "Sigmoid", [x]);

        /// <summary>min(max(x + 3, 0), 6) / 6.</summary>
        public Tensor HardSigmoid()
        {
            var y = functional.hardsigmoid(x);
            Recorder.Current?.Add(y, "HardSigmoid", [x], ("alpha", 1 / 6.0), ("beta", 0.5));
            return y;
        }

        /// <summary>x · hard sigmoid of x (MobileNetV3, arXiv:1905.02244, §5.2).</summary>
        public Tensor HardSwish() => Recorder.Trace(x.hardswish(), "HardSwish", [x]);

        /// <summary>x · sigmoid of x, also called swish.</summary>
        public Tensor Silu() => Recorder.Trace(x.silu(), "Silu", [x]);

        /// <summary>Hyperbolic tangent.</summary>
        public Tensor Tanh() => Recorder.Trace(x.tanh(), "Tanh", [x]);

        /// <summary>log(1 + eˣ).</summary>
        public Tensor Softplus() => Recorder.Trace(functional.softplus(x), "Softplus", [x]);

        /// <summary>softmax(x / T) over the last axis, in at least float32. [.., C] → [.., C]</summary>
        public Tensor Softmax(double temperature = 1)
        {
            var logits = x.DivideByTemperature(temperature);
            var y = functional.softmax(logits, -1);
            Recorder.Current?.Add(y, "Softmax", [logits], ("axis", -1L));
            return y;
        }

        /// <summary>log softmax(x / T) over the last axis, in at least float32. [.., C] → [.., C]</summary>
        public Tensor LogSoftmax(double temperature = 1)
        {
            var logits = x.DivideByTemperature(temperature);
            var y = functional.log_softmax(logits, -1);
            Recorder.Current?.Add(y, "LogSoftmax", [logits], ("axis", -1L));
            return y;
        }

        internal Tensor DivideByTemperature(double temperature)
        {
            if (!(temperature > 0))
                throw new ArgumentOutOfRangeException(
                    nameof(temperature), temperature, "A temperature must be greater than 0.");

            var logits = x.AtLeastFloat32();
            return temperature == 1 ? logits : logits.Times(1 / temperature);
        }

        /// <summary>x where the condition is true, else a number. The condition is broadcast.</summary>
        /// <param name="condition">bool, of a shape that broadcasts to x's.</param>
        /// <param name="other">The number where the condition is false.</param>
        public Tensor Where(Tensor condition, double other)
        {
            using var scalar = other.ToScalar();
            var y = x.masked_fill(condition.logical_not(), scalar);
            Recorder.Current?.Add(y, "Where", [condition, x], ("value", other));
            return y;
        }

        /// <summary>The matrix product x · y. [.., N, D], [.., D, M] → [.., N, M]</summary>
        public Tensor MatMul(Tensor y)
        {
            var a = Autocast.IsBFloat16 ? x.ToBFloat16() : x;
            var b = Autocast.IsBFloat16 ? y.ToBFloat16() : y;
            Shape.CheckMatMul(a, b);
#pragma warning disable RS0030 // banned because libtorch ends the process on shapes that do not fit; checked above
            return Recorder.Trace(a.matmul(b), "MatMul", [x, y]);
#pragma warning restore RS0030
        }

        /// <summary>x Wᵀ + b. [.., I] → [.., O]</summary>
        /// <param name="weight">[O, I]</param>
        /// <param name="bias">[O]</param>
        public Tensor Linear(Tensor weight, Tensor? bias)
        {
            Shape.CheckLastAxis(x, weight.size(1), "Linear");
            var y = Autocast.IsBFloat16
                ? functional.linear(x.ToBFloat16(), weight.ToBFloat16(), bias?.ToBFloat16())
                : functional.linear(x, weight, bias);
            Recorder.Current?.Add(y, "Gemm", bias is null ? [x, weight] : [x, weight, bias], ("transB", 1L));
            return y;
        }

        /// <summary>
        /// In training, sets each element to zero with this probability and scales the others up; otherwise the
        /// identity.
        /// </summary>
        public Tensor Dropout(double probability, bool training) =>
            training && probability > 0
                ? Recorder.Trace(functional.dropout(x, probability, training: true), "Dropout", [x])
                : Recorder.Trace(x.alias(), "Identity", [x]);
    }
}
