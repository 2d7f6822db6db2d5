using TorchSharp;
using static TorchSharp.torch.nn;

namespace Retort.Tensors;

/// <summary>Words networks are made of; each is seen by the recorder under the name of its ONNX operator.</summary>
public static class Operators
{
    extension(Tensor x)
    {
        /// <summary>x · y. [.., N, D], [.., D, M] → [.., N, M]</summary>
        public Tensor MatMul(Tensor y) => Recorder.Saw(x.matmul(y), "MatMul", [x, y]);

        /// <summary>The last two axes exchanged. [.., N, D] → [.., D, N]</summary>
        public Tensor Transpose() => Recorder.Saw(x.transpose(-2, -1), "Transpose", [x]);

        /// <summary>x + y. C#'s own + is TorchSharp's and unseen.</summary>
        public Tensor Add(Tensor y) => Recorder.Saw(x.add(y), "Add", [x, y]);

        /// <summary>max(x, 0).</summary>
        public Tensor Relu() => Recorder.Saw(functional.relu(x), "Relu", [x]);

        /// <summary>min(max(x, 0), 6).</summary>
        public Tensor Relu6() => Recorder.Saw(functional.relu6(x), "Clip", [x], ("min", 0.0), ("max", 6.0));

        /// <summary>The largest of each k × k square. [B, C, H, W] → [B, C, H/k, W/k]</summary>
        public Tensor MaxPool2d(long k) => Recorder.Saw(functional.max_pool2d(x, k), "MaxPool", [x],
            ("kernel_shape", new[] { k, k }), ("strides", new[] { k, k }));

        /// <summary>The mean of each k × k square. [B, C, H, W] → [B, C, H/k, W/k]</summary>
        public Tensor AveragePool2d(long k) => Recorder.Saw(functional.avg_pool2d(x, k), "AveragePool", [x],
            ("kernel_shape", new[] { k, k }), ("strides", new[] { k, k }));

        /// <summary>Mean over the picture. [B, C, H, W] → [B, C]</summary>
        public Tensor MeanPixels() => Recorder.Saw(x.mean([2, 3]), "ReduceMean", [x], ("axes", new[] { 2L, 3L }), ("keepdims", 0L));

        /// <summary>All but the batch in one axis. [B, ..] → [B, D]</summary>
        public Tensor Flatten() => Recorder.Saw(x.flatten(1), "Flatten", [x], ("axis", 1L));

        /// <summary>x Wᵀ + b. [.., I] → [.., O]</summary>
        public Tensor Linear(Tensor weight, Tensor? bias) =>
            Recorder.Saw(functional.linear(x, weight, bias), "Gemm", bias is null ? [x, weight] : [x, weight, bias], ("transB", 1L));

        /// <summary>A convolution with square stride and padding. [B, I, H, W] → [B, O, H', W']</summary>
        public Tensor Conv2d(Tensor weight, Tensor? bias, long stride, long padding, long groups) =>
            Recorder.Saw(functional.conv2d(x, weight, bias, strides: [stride, stride], padding: [padding, padding], groups: groups),
                "Conv", bias is null ? [x, weight] : [x, weight, bias],
                ("strides", new[] { stride, stride }), ("pads", new[] { padding, padding, padding, padding }), ("group", groups));

        /// <summary>(x - mean) / sd · weight + bias, channel by channel; in training of the batch, else of the running figures. [B, C, ..]</summary>
        public Tensor BatchNorm(Tensor mean, Tensor variance, Tensor weight, Tensor bias, bool training, double momentum, double epsilon) =>
            Recorder.Saw(functional.batch_norm(x, mean, variance, weight, bias, training, momentum, epsilon),
                "BatchNormalization", [x, weight, bias, mean, variance], ("epsilon", epsilon));

        /// <summary>Each number dropped with this probability and the rest scaled up, in training; else untouched.</summary>
        public Tensor Dropout(double probability, bool training) =>
            training && probability > 0 ? Recorder.Saw(functional.dropout(x, probability, training: true), "Dropout", [x]) : x.alias();
    }
}
