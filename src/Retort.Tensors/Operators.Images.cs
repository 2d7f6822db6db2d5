using static TorchSharp.torch.nn;

namespace Retort.Tensors;

/// <remarks>This file: convolution, pooling, padding and norms.</remarks>
public static partial class Operators
{
    static readonly long[] PixelAxes = [2, 3];

    extension(Tensor x)
    {
        /// <summary>A convolution with square stride and padding. [B, I, H, W] → [B, O, H', W']</summary>
        /// <param name="weight">[O, I / groups, K, K]</param>
        /// <param name="bias">[O]</param>
        /// <param name="stride">Step of the kernel in pixels.</param>
        /// <param name="padding">Zeros on each side, in pixels.</param>
        /// <param name="groups">Groups of channels, each with its own weights.</param>
        public Tensor Conv2d(Tensor weight, Tensor? bias, long stride = 1, long padding = 0, long groups = 1)
        {
            Shape.CheckChannels(x, weight.size(1) * groups, "Conv2d");
            long[] strides = [stride, stride];
            long[] paddings = [padding, padding];
            var y = Autocast.IsBFloat16
                ? functional.conv2d(
                    x.ToBFloat16(), weight.ToBFloat16(), bias?.ToBFloat16(), strides, paddings, groups: groups)
                : functional.conv2d(x, weight, bias, strides, paddings, groups: groups);
            Recorder.Current?.Add(y, "Conv", bias is null ? [x, weight] : [x, weight, bias],
                ("kernel_shape", new[] { weight.size(2), weight.size(3) }), ("strides", strides),
                ("pads", OnnxPads(padding)), ("group", groups));
            return y;
        }

        /// <summary>The maximum of each k × k window; padding is -∞. [B, C, H, W] → [B, C, H', W']</summary>
        /// <param name="kernel">k.</param>
        /// <param name="stride">Step of the window in pixels; k if null.</param>
        /// <param name="padding">At most k / 2.</param>
        public Tensor MaxPool2d(long kernel, long? stride = null, long padding = 0)
        {
            var isPlain2x2 = kernel == 2 && stride is null or 2 && padding == 0;
            var y = isPlain2x2 && !(x.requires_grad && is_grad_enabled())
                ? x.MaxPool2x2WithoutGrad()
                : functional.max_pool2d(x, kernel, stride, padding);
            Recorder.Current?.Add(y, "MaxPool", [x], Window(kernel, stride, padding));
            return y;
        }

        // max_pool2d also finds the indices of the maxima, element by element; only a gradient needs them
        Tensor MaxPool2x2WithoutGrad()
        {
            var rows = x.size(2) / 2 * 2;                                   // an odd last row is dropped
            var columns = x.size(3) / 2 * 2;
            using var ofTwo = maximum(x.slice(3, 0, columns, 2), x.slice(3, 1, columns, 2));
            return maximum(ofTwo.slice(2, 0, rows, 2), ofTwo.slice(2, 1, rows, 2));
        }

        /// <summary>
        /// The mean of each k × k window; zeros of the padding count, as in PyTorch. [B, C, H, W] → [B, C, H', W']
        /// </summary>
        /// <param name="kernel">k.</param>
        /// <param name="stride">Step of the window in pixels; k if null.</param>
        /// <param name="padding">At most k / 2.</param>
        public Tensor AvgPool2d(long kernel, long? stride = null, long padding = 0)
        {
            var y = functional.avg_pool2d(x, kernel, stride, padding);
            Recorder.Current?.Add(
                y, "AveragePool", [x], [.. Window(kernel, stride, padding), ("count_include_pad", 1L)]);
            return y;
        }

        /// <summary>The mean over all pixels. [B, C, H, W] → [B, C]</summary>
        public Tensor GlobalAvgPool2d()
        {
            var y = x.mean(PixelAxes);
            Recorder.Current?.Add(y, "ReduceMean", [x], ("axes", PixelAxes), ("keepdims", 0L));
            return y;
        }

        /// <summary>Nearest-neighbor upsampling. [B, C, H, W] → [B, C, H · factor, W · factor]</summary>
        public Tensor Upsample(long factor)
        {
            var y = functional.interpolate(x, scale_factor: [factor, factor], mode: InterpolationMode.Nearest);
            Recorder.Current?.Add(y, "Resize", [x], ("mode", "nearest"), ("scales", new[] { 1, 1, factor, factor }));
            return y;
        }

        /// <summary>Zeros on each side of the image. [B, C, H, W] → [B, C, H + 2p, W + 2p]</summary>
        public Tensor ZeroPad2d(long padding)
        {
            var y = functional.pad(x, (padding, padding, padding, padding));
            Recorder.Current?.Add(
                y, "Pad", [x], ("pads", new[] { 0, 0, padding, padding, 0, 0, padding, padding }));
            return y;
        }

        /// <summary>
        /// Channels of zeros before and after, as in the parameter-free shortcut of a CIFAR ResNet.
        /// [B, C, H, W] → [B, before + C + after, H, W]
        /// </summary>
        public Tensor PadChannels(long before, long after)
        {
            var y = functional.pad(x, [0L, 0, 0, 0, before, after]);
            Recorder.Current?.Add(y, "Pad", [x], ("pads", new[] { 0, before, 0, 0, 0, after, 0, 0 }));
            return y;
        }

        /// <summary>
        /// (x - mean) / sd · weight + bias, channel by channel: with the statistics of the batch in training, else with
        /// the running ones. [B, C, ..] → [B, C, ..]
        /// </summary>
        /// <remarks>
        /// Mean and sd are computed in float32 whatever the type of x. The running variance is the unbiased one, as in
        /// PyTorch.
        /// </remarks>
        public Tensor BatchNorm(
            Tensor mean, Tensor variance, Tensor weight, Tensor bias, bool training, double momentum, double epsilon)
        {
            Shape.CheckChannels(x, weight.size(0), "BatchNorm");
            if (training) Shape.CheckVariance(x, "BatchNorm");
            var y = functional.batch_norm(x, mean, variance, weight, bias, training, momentum, epsilon);
            Recorder.Current?.Add(
                y, "BatchNormalization", [x, weight, bias, mean, variance], ("epsilon", epsilon));
            return y;
        }

        /// <summary>(x - mean) / sd · weight + bias over the last axis. [.., D] → [.., D]</summary>
        public Tensor LayerNorm(Tensor weight, Tensor? bias, double epsilon)
        {
            var width = weight.size(0);
            Shape.CheckLastAxis(x, width, "LayerNorm");
            var y = functional.layer_norm(x, [width], weight, bias, epsilon);
            Recorder.Current?.Add(
                y, "LayerNormalization", bias is null ? [x, weight] : [x, weight, bias],
                ("axis", -1L), ("epsilon", epsilon));
            return y;
        }

        /// <summary>
        /// (x - mean) / sd · weight + bias over groups of channels of each example. [B, C, ..] → [B, C, ..]
        /// </summary>
        public Tensor GroupNorm(long groups, Tensor weight, Tensor bias, double epsilon)
        {
            Shape.CheckChannels(x, weight.size(0), "GroupNorm");
            var y = functional.group_norm(x, groups, weight, bias, epsilon);
            Recorder.Current?.Add(
                y, "GroupNormalization", [x, weight, bias], ("num_groups", groups), ("epsilon", epsilon));
            return y;
        }
    }

    static long[] OnnxPads(long padding) => [padding, padding, padding, padding];

    static (string, object)[] Window(long kernel, long? stride, long padding)
    {
        var step = stride ?? kernel;
        return
        [
            ("kernel_shape", new[] { kernel, kernel }),
            ("strides", new[] { step, step }),
            ("pads", OnnxPads(padding)),
        ];
    }
}
