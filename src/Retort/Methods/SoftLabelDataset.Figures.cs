using Retort.Contracts.Distilled;
using static Retort.Methods.SoftLabelDatasetOptions;

namespace Retort.Methods;

/// <remarks>This file: the forecast, the folder, and what the report shows.</remarks>
public partial class SoftLabelDataset
{
    const int EvaluatedByDefault = 20;
    const int MostShown = 100;                                              // samples in the report

    // of a step: θ and its gradients twice; maps forward, backward and twice again for the second derivative
    const int VectorsOfStep = 8;
    const int MapsOfStep = 6;

    /// <summary>The forecast of the memory, in bytes.</summary>
    /// <param name="options">Sizes and the kind of gradient.</param>
    /// <param name="parameters">P.</param>
    /// <param name="inputs">Numbers in one example.</param>
    /// <param name="labels">C.</param>
    /// <param name="maps">Bytes of all results of a forward pass of one example.</param>
    internal static double Forecast(
        SoftLabelDatasetOptions options, long parameters, long inputs, long labels, double maps)
    {
        var samples = (double)options.SamplesFor((int)labels);
        var (steps, number) = ((double)options.Steps * options.Epochs, sizeof(float));
        var graphs = options.Gradient == GradientKind.Reverse ? 1 : steps;
        var learned = 5 * samples * options.Steps * (inputs + labels) * number;      // value, gradients, Adam's means
        var vectors = (steps + graphs * VectorsOfStep) * parameters * number;
        return learned + vectors + graphs * MapsOfStep * samples * maps;
    }

    void CheckMemory(Network network, DatasetInfo data)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var input = data.Inputs[0];
        network.eval();
        var (recorder, _) = Recorder.Record(
            () => network.Forward(new((input.Name, input.Example(1))), Output.Logits));
        var bytes = Forecast(options, network.parameters().Sum(parameter => parameter.NumberOfElements), input.Count,
            data.Classes.Count, recorder.Operations.Sum(operation => (double)operation.Output.Bytes));
        if (bytes <= options.MemoryLimit * 1e6) return;

        var (samples, steps) = (options.Samples ?? data.Classes.Count, options.Steps * options.Epochs);
        throw new InvalidOperationException(
            Invariant($"method.samples: {samples} samples in {options.Steps} batches, learned over {steps} steps, ")
            + Invariant($"would take about {bytes / 1e6:0} MB; method.memoryLimit allows {options.MemoryLimit} MB."));
    }

    DistilledCard Save(
        ProcedureContext context, DistilledSamples samples, IReadOnlyDictionary<string, Tensor> initial)
    {
        var card = new DistilledCard
        {
            Version = DistilledCard.CurrentVersion,
            Method = Key,
            Data = context.Data.Info,
            DataName = context.Data.Name,
            DataHash = context.Data.Hash,
            Network = context.Describe(context.Student),
            FirstWeights = options.FirstWeights,
            KnownStart = options.Start == StartKind.Known,
            Seed = context.Seed,
            Steps = options.Steps,
            Epochs = options.Epochs,
            Samples = samples.Samples,
            Labels = options.Labels,
            StoredFloats = samples.StoredFloats,
            Words = Words(context.Data, samples),
            Files = new Dictionary<string, string>(),
        };
        DistilledFolder.Write(context.PathOf(s_folder), card, samples, card.KnownStart ? initial : null);
        return card;
    }

    List<string>? Words(Dataset data, DistilledSamples samples)
    {
        var values = samples.Inputs.ToFloatArray();
        var size = (int)data.Info.Inputs[0].Count;
        var words = Enumerable.Range(0, values.Length / size)
            .Select(i => WordsOf(data, values.AsSpan(i * size, size))).OfType<string>().ToList();
        return words.Count == 0 ? null : words;
    }

    Dictionary<string, double> Figures(ProcedureContext context, DistilledSamples samples)
    {
        var figures = new Dictionary<string, double>
        {
            ["samples"] = samples.Batches * samples.Samples,
            ["storedFloats"] = samples.StoredFloats,
            ["meanStepSize"] = samples.Rates.mean().ToDouble(),
            ["meanLabelSum"] = samples.Labels.sum(-1L).mean().ToDouble(),
        };
        if (options.Start == StartKind.Known) return figures;

        var split = context.IsTrial ? context.Data.Validation : context.Data.Test;
        var (name, scores, diverged) = (context.Task.Primary.Name, new List<double>(), 0);
        for (var n = 0; n < (options.EvaluationNetworks ?? EvaluatedByDefault); n++)
        {
            using var scope = torch.NewDisposeScope();
            using var network = options.FirstWeights.NewNetwork(context, Invariant($"evaluation-{n}"));
            var function = new NetworkFunction(network, context.Data.Info.Inputs[0]);
            var end = samples.Train(function, function.CopyParameters(), context.Seed);
            var isFinite = end.isfinite().all().ToBoolean();
            if (isFinite) function.SetParameters(end);
            if (isFinite) scores.Add(context.Task.Evaluate(context.Predict(network, split))[name]);
            else diverged++;
        }
        figures["evaluationNetworks"] = scores.Count;
        figures["divergedNetworks"] = diverged;
        if (scores.Count < 2) return figures;

        var mean = scores.Average();
        figures[$"{name}OfNewNetworks"] = mean;
        figures[$"{name}OfNewNetworksSd"] =
            Math.Sqrt(scores.Sum(score => (score - mean) * (score - mean)) / (scores.Count - 1));
        return figures;
    }

    static LearnedSamples Shown(Dataset data, DistilledSamples samples, DistilledCard card)
    {
        var input = data.Info.Inputs[0];
        var (values, labels) = (samples.Inputs.ToFloatArray(), samples.Labels.ToFloatArray());
        var (size, classes) = ((int)input.Count, data.Info.Classes.Count);
        var isImage = input.Name == InputNames.PixelValues && input.Shape is [1 or 3, _, _];
        var (channels, height, width) = isImage ? data.Info.ImageShape : (0, 0, 0);
        var shown = Enumerable.Range(0, Math.Min(values.Length / size, MostShown)).Select(i =>
            new LearnedSample([.. labels.Skip(i * classes).Take(classes).Select(value => (double)value)])
            {
                Pixels = isImage ? Pixels(values.AsSpan(i * size, size), (int)channels, input.Normalization) : null,
                Words = card.Words?[i],
            });
        return new("Distilled samples", (int)height, (int)width, (int)channels, [.. shown]);
    }

    // [C, H, W] in the network's scale → bytes [H, W, C]; what lies outside of black and white is cut
    static byte[] Pixels(ReadOnlySpan<float> image, int channels, Normalization? normalization)
    {
        var (count, pixels) = (image.Length / channels, new byte[image.Length]);
        for (var c = 0; c < channels; c++)
            for (var i = 0; i < count; i++)
            {
                var share = normalization is null ? (image[c * count + i] + 2) / 4
                    : image[c * count + i] * normalization.StandardDeviation[c] + normalization.Mean[c];
                pixels[i * channels + c] = (byte)Math.Round(255 * Math.Clamp(share, 0, 1));
            }
        return pixels;
    }
}
