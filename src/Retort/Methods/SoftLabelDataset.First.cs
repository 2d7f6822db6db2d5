using Retort.Contracts.Distilled;
using static Retort.Methods.SoftLabelDatasetOptions;

namespace Retort.Methods;

/// <remarks>This file: what learning begins with.</remarks>
public partial class SoftLabelDataset
{
    // raw labels in softmax that are nearly one class: softmax of ±5 is 0.9996 of ten classes
    const double SoftmaxScale = 10;

    // x̃ [S, M, ..], raw ỹ [S, M, C], ρ [T]
    static Variables First(SoftLabelDatasetOptions options, ProcedureContext context)
    {
        var classes = context.Data.Info.Classes.Count;
        var samples = options.SamplesFor(classes);
        var first = options.FirstClasses ?? [.. Enumerable.Range(0, classes)];
        long[] labels =
            [.. Enumerable.Range(0, options.Steps * samples).Select(i => (long)first[i % samples % first.Count])];
        RandomStream.SeedTorch(context.Seed, StreamKey.Data);
        var inputs = options.FirstInputs == FirstInputsKind.Noise
            ? torch.randn([labels.Length, .. context.Data.Info.Inputs[0].Shape], device: context.Device)
            : RealExamples.OfClasses(context.Training, labels, context.Seed).to(context.Device);
        var hot = labels.AsSpan().ToTensor(labels.Length).to(context.Device).OneHot(classes);   // [S · M, C]
        if (options.Labels == DistilledLabels.Softmax) hot = hot.Add(-0.5).Times(SoftmaxScale);
        var rates = Enumerable.Repeat((float)Rho(options.StepSize), options.Steps * options.Epochs).ToArray();
        return new(
            inputs.reshape([options.Steps, samples, .. context.Data.Info.Inputs[0].Shape]),
            hot.reshape(options.Steps, samples, classes),
            rates.AsSpan().ToTensor(rates.Length).to(context.Device));
    }

    /// <summary>ρ = log(exp(η) − 1), so that softplus(ρ) = η.</summary>
    internal static double Rho(double eta) => eta + Math.Log(1 - Math.Exp(-eta));
}
