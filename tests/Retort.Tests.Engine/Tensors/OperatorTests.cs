using System.Reflection;
using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

/// <summary>Every operator and loss compared with PyTorch: values and gradients.</summary>
public sealed class OperatorTests
{
    /// <summary>Calls by the names of the golden cases: the method's name, or name/variant.</summary>
    internal static readonly Dictionary<string, Func<IReadOnlyDictionary<string, Tensor>, Tensor>> Calls = new()
    {
        ["Add"] = t => t["x"].Add(t["y"]),
        ["Add/number"] = t => t["x"].Add(1.5),
        ["Subtract"] = t => t["x"].Subtract(t["y"]),
        ["Times"] = t => t["x"].Times(t["y"]),
        ["Times/number"] = t => t["x"].Times(-2.5),
        ["DividedBy"] = t => t["x"].DividedBy(t["y"]),
        ["Sqrt"] = t => t["x"].Sqrt(),
        ["Squared"] = t => t["x"].Squared(),
        ["Exp"] = t => t["x"].Exp(),
        ["Log"] = t => t["x"].Log(),
        ["Relu"] = t => t["x"].Relu(),
        ["Relu6"] = t => t["x"].Relu6(),
        ["Clip"] = t => t["x"].Clip(-0.5, 0.75),
        ["LeakyRelu"] = t => t["x"].LeakyRelu(0.1),
        ["Elu"] = t => t["x"].Elu(),
        ["Gelu"] = t => t["x"].Gelu(),
        ["GeluTanh"] = t => t["x"].GeluTanh(),
        ["Sigmoid"] = t => t["x"].Sigmoid(),
        ["HardSigmoid"] = t => t["x"].HardSigmoid(),
        ["HardSwish"] = t => t["x"].HardSwish(),
        ["Silu"] = t => t["x"].Silu(),
        ["Tanh"] = t => t["x"].Tanh(),
        ["Softplus"] = t => t["x"].Softplus(),
        ["Softmax"] = t => t["x"].Softmax(),
        ["Softmax/2"] = t => t["x"].Softmax(2),
        ["LogSoftmax"] = t => t["x"].LogSoftmax(),
        ["LogSoftmax/4"] = t => t["x"].LogSoftmax(4),
        ["ToMask"] = t => t["x"].ToMask().MaskToWeights(ScalarType.Float32),
        ["MaskToWeights"] = t => t["x"].ToMask().MaskToWeights(ScalarType.Float32),
        ["AtLeastOne"] = t => t["x"].AtLeastOne(),
        ["Where"] = t => t["x"].Where(t["keep"], -3),
        ["MatMul"] = t => t["x"].MatMul(t["y"]),
        ["MatMul/broadcast"] = t => t["x"].MatMul(t["y"]),
        ["Linear"] = t => t["x"].Linear(t["weight"], t["bias"]),
        ["Transpose"] = t => t["x"].Transpose(),
        ["Transpose/axes"] = t => t["x"].Transpose(0, 2),
        ["Permute"] = t => t["x"].Permute(2, 0, 1),
        ["Reshape"] = t => t["x"].Reshape(4, -1),
        ["Flatten"] = t => t["x"].Flatten(),
        ["Unsqueeze"] = t => t["x"].Unsqueeze(1),
        ["Squeeze"] = t => t["x"].Squeeze(1),
        ["Expand"] = t => t["x"].Expand(2, 4, 3),
        ["Slice"] = t => t["x"].Slice(2, 1, 5, 2),
        ["Concat"] = t => t["x"].Concat(1, t["y"], t["z"]),
        ["Mean"] = t => t["x"].Mean(1),
        ["Sum"] = t => t["x"].Sum(-1),
        ["Max"] = t => t["x"].Max(1),
        ["GlobalAvgPool2d"] = t => t["x"].GlobalAvgPool2d(),
        ["TakeRows"] = t => t["x"].TakeRows(t["rows"]),
        ["Conv2d"] = t => t["x"].Conv2d(t["weight"], t["bias"], stride: 2, padding: 1),
        ["Conv2d/groups"] = t => t["x"].Conv2d(t["weight"], null, padding: 1, groups: 4),
        ["MaxPool2d"] = t => t["x"].MaxPool2d(2),
        ["MaxPool2d/padded"] = t => t["x"].MaxPool2d(3, stride: 2, padding: 1),
        ["AvgPool2d"] = t => t["x"].AvgPool2d(2),
        ["AvgPool2d/padded"] = t => t["x"].AvgPool2d(3, stride: 2, padding: 1),
        ["Upsample"] = t => t["x"].Upsample(2),
        ["ResizeBicubic"] = t => Functional.ResizeBicubic(t["x"], rows: 2, columns: 5),
        ["ZeroPad2d"] = t => t["x"].ZeroPad2d(1),
        ["PadChannels"] = t => t["x"].PadChannels(1, 2),
        ["BatchNorm/train"] = t => t["x"].BatchNorm(t["mean"], t["variance"], t["weight"], t["bias"], true, 0.1, 1e-5),
        ["BatchNorm/eval"] = t => t["x"].BatchNorm(t["mean"], t["variance"], t["weight"], t["bias"], false, 0.1, 1e-5),
        ["LayerNorm"] = t => t["x"].LayerNorm(t["weight"], t["bias"], 1e-5),
        ["GroupNorm"] = t => t["x"].GroupNorm(2, t["weight"], t["bias"], 1e-5),

        ["UnitRows"] = t => t["x"].UnitRows(),
        ["RowNorms"] = t => t["x"].RowNorms(),
        ["CenteredRows"] = t => t["x"].CenteredRows(),
        ["CenteredColumns"] = t => t["x"].CenteredColumns(),
        ["StandardizedRows"] = t => t["x"].StandardizedRows(),
        ["MaskDiagonal"] = t => t["x"].MaskDiagonal().Softmax(),
        ["OffDiagonal"] = t => t["x"].OffDiagonal(),
        ["Gram"] = t => t["x"].Gram(),
        ["AttentionMap"] = t => t["x"].AttentionMap(),
        ["AtLabels"] = t => t["x"].AtLabels(t["labels"]),
        ["OneHot"] = t => t["labels"].OneHot(4),
        ["SmoothedLabels"] = t => t["labels"].SmoothedLabels(4, 0.1),
        ["LogMeanProbability"] = t => t["x"].LogMeanProbability(),
        ["CosineMatrix"] = t => CosineMatrix(t["x"], t["y"]),
        ["CosineMatrix/self"] = t => CosineMatrix(t["x"]),
        ["CosineSimilarity"] = t => CosineSimilarity(t["x"], t["y"]),
        ["SquaredDistanceMatrix"] = t => SquaredDistanceMatrix(t["x"], t["y"]),
        ["DistanceMatrix"] = t => DistanceMatrix(t["x"], t["y"]),
        ["DistanceMatrix/self"] = t => DistanceMatrix(t["x"]),
        ["PearsonCorrelation"] = t => PearsonCorrelation(t["x"], t["y"]),
        ["LinearCka"] = t => LinearCka(t["x"], t["y"]),
        ["CrossEntropy"] = t => CrossEntropy(t["x"], t["labels"], 2),
        ["CrossEntropy/none"] = t => CrossEntropy(t["x"], t["labels"], 0),
        ["SmoothedCrossEntropy"] = t => SmoothedCrossEntropy(t["x"], t["labels"], t["b"], 2),
        ["KlDivergence"] = t => KlDivergence(t["p"], t["q"]),
        ["SoftCrossEntropy"] = t => SoftCrossEntropy(t["p"], t["q"]),
        ["Entropy"] = t => Entropy(t["p"]),
        ["JensenShannon"] = t => JensenShannon(t["p"], t["r"]),
        ["BinaryCrossEntropy"] = t => BinaryCrossEntropy(t["p"], t["x"]),
        ["MeanSquaredError"] = t => MeanSquaredError(t["t"], t["x"]),
        ["MeanAbsoluteError"] = t => MeanAbsoluteError(t["t"], t["x"]),
        ["SmoothL1"] = t => SmoothL1(t["t"], t["x"]),
        ["CosineDistance"] = t => CosineDistance(t["t"], t["x"]),
        ["InfoNce"] = t => InfoNce(t["x"]),
        ["SelectTokens"] = t => t["x"].SelectTokens(t["mask"]),
        ["MaskedSoftmax"] = t => t["x"].MaskedSoftmax(t["mask"]),
        ["MeanTokens"] = t => t["x"].MeanTokens(t["mask"]),
        ["MaskedMean"] = t => MaskedMean(t["x"], t["mask"]),
        ["TokenCrossEntropy"] = t => TokenCrossEntropy(t["x"], t["labels"], t["mask"]),
        ["TokenKlDivergence"] = t => TokenKlDivergence(t["p"], t["q"], t["mask"]),
        ["TokenMeanSquaredError"] = t => TokenMeanSquaredError(t["t"], t["x"], t["mask"]),
        ["TokenCosineDistance"] = t => TokenCosineDistance(t["t"], t["x"], t["mask"]),
    };

    /// <summary>
    /// Without golden values: dropout is random, and RecorderTests compares the others with the operator out of place.
    /// </summary>
    static readonly string[] s_exempt = ["Dropout", "AddInPlace", "ReluInPlace"];

    public static TheoryData<string> Names => [.. Calls.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_and_gradients_are_those_of_PyTorch(string name)
    {
        using var scope = NewDisposeScope();
        var golden = Assert.Single(TensorGolden.Cases, one => one.Name == name);
        var inputs = golden.Inputs.ToDictionary(pair => pair.Key, pair => pair.Value.ToTensor());
        foreach (var key in golden.Gradients.Keys) inputs[key].requires_grad_(true);

        var y = Calls[name](inputs);
        TensorGolden.AssertEqual("y", golden.Outputs["y"], y);
        foreach (var (key, expected) in golden.Outputs)
            if (key != "y") TensorGolden.AssertEqual(key, expected, inputs[key]);           // running statistics

        if (golden.Gradients.Count == 0) return;
        (y * TensorGolden.Probe(y)).sum().backward();
        foreach (var (key, expected) in golden.Gradients)
            TensorGolden.AssertEqual("gradient of " + key, expected, inputs[key].grad!);
    }

    [Theory] // even and odd sides; a NaN stays one
    [InlineData(4, 6, MemoryFormat.Contiguous)]
    [InlineData(5, 7, MemoryFormat.Contiguous)]
    [InlineData(5, 6, MemoryFormat.ChannelsLast)]
    public void Max_pooling_without_gradient_gives_the_same_values(long height, long width, MemoryFormat format)
    {
        using var scope = NewDisposeScope();
        var x = randn(3, 2, height, width);
        x[0, 0, 0, 0] = float.NaN;
        var withGradient = x.ToMemoryFormat(format).requires_grad_(true).MaxPool2d(2);
        var without = x.ToMemoryFormat(format).MaxPool2d(2);
        Assert.True(withGradient.requires_grad);
        Assert.Equal([3, 2, height / 2, width / 2], without.shape);
        Assert.True(withGradient.allclose(without, rtol: 0, atol: 0, equal_nan: true));
    }

    [Fact]
    public void Every_operator_and_loss_has_golden_values()
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var methods = new[] { typeof(Operators), typeof(Functional) }
            .SelectMany(type => type.GetMethods(Declared))
            .Select(method => method.Name).Distinct().Except(s_exempt).Order().ToArray();
        var golden = TensorGolden.Cases
            .Where(one => !one.Name.StartsWith("layer ", StringComparison.Ordinal))
            .Select(one => one.Name.Split('/')[0]);
        Assert.Equal(methods, golden.Distinct().Order());
    }
}
