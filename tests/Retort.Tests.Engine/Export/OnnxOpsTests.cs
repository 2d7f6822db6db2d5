using Retort.Export;
using Retort.Runtime;
using Retort.Runtime.Wire;
using Retort.Tests.Tensors;

namespace Retort.Tests.Export;

/// <summary>
/// Every word that a network may use, as the engine computes it and as ONNX Runtime computes what was written.
/// </summary>
public sealed class OnnxOpsTests
{
    /// <summary>
    /// Words of <see cref="Operators"/> by their names in the table of golden numbers; the
    /// rest are losses' and no recorder hears them.
    /// </summary>
    static readonly HashSet<string> OfNetworks =
    [
        .. typeof(Operators).GetMethods().Where(method => method.IsStatic).Select(method => method.Name),
    ];

    public static TheoryData<string> Words =>
    [
        .. OperatorTests.Calls.Keys.Where(name => OfNetworks.Contains(name.Split('/')[0]) && name != "BatchNorm/train"),
    ];

    [Theory, MemberData(nameof(Words))]
    public void An_operator_has_the_same_result_in_the_graph(string name)
    {
        using var scope = torch.NewDisposeScope();
        var inputs = Inputs(Assert.Single(TensorGolden.Cases, one => one.Name == name));
        var (recorder, y) = Recorder.Record(() => OperatorTests.Calls[name](inputs));
        var file = Written(recorder, inputs, y);
        Assert.InRange(OnnxComparison.Error(y.ToFloatArray(), OnnxComparison.Answer(file, inputs["x"], "y")), 0, 2e-6);
    }

    [Fact] // a word whose test was forgotten would be missing above
    public void Every_operator_is_tested_or_has_a_reason_why_not()
    {
        // Add, Relu, in eval mode Identity; masks: TokenExportTests
        string[] elsewhere = ["AddInPlace", "ReluInPlace", "Dropout", "ToMask", "MaskToWeights", "AtLeastOne"];
        Assert.Empty(OfNetworks.Except(Words.Select(row => row.Data.Split('/')[0])).Except(elsewhere));
    }

    [Fact] // whatever a recorder can hear has an entry
    public void Every_recorded_name_is_in_the_table()
    {
        using var scope = torch.NewDisposeScope();
        var heard = TensorGolden.Cases
            .Where(one => OperatorTests.Calls.ContainsKey(one.Name))
            .SelectMany(one => Recorder.Record(() => OperatorTests.Calls[one.Name](Inputs(one))).Recorder.Operations)
            .Select(word => word.Name);
        Assert.Equal(OnnxOps.Known.Order(), heard.Append("Identity").Append("Dropout").Distinct().Order());
    }

    [Fact]
    public void Dropout_in_training_is_refused_with_its_reason()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.ones(2, 3);
        var (recorder, y) = Recorder.Record(() => x.Dropout(0.5, training: true));
        Assert.Equal(
            "Dropout cannot be exported: it draws numbers, which belongs to training: call eval() before the network "
            + "is exported.",
            Assert.Throws<NotSupportedException>(() => Written(recorder, new() { ["x"] = x }, y)).Message);
        var (eval, same) = Recorder.Record(() => x.Dropout(0.5, training: false));
        Assert.Equal(x.ToFloatArray(), OnnxComparison.Answer(Written(eval, new() { ["x"] = x }, same), x, "y"));
    }

    // x is the graph's input, everything else stands for parameters and masks
    static Dictionary<string, Tensor> Inputs(TensorGolden.Case one) =>
        one.Inputs.ToDictionary(input => input.Key, input => input.Value.ToTensor());

    static string Written(Recorder recorder, Dictionary<string, Tensor> inputs, Tensor y)
    {
        var draft = new GraphDraft("word", "batch");
        draft.Reserve("y");
        var x = inputs["x"];
        var names = new Dictionary<Tensor, string>(ReferenceEqualityComparer.Instance)
        {
            [x] = draft.Input(TensorSpec.Float32("x", [.. x.shape.Skip(1)])),
        };
        var weights = new Dictionary<Tensor, string>(ReferenceEqualityComparer.Instance);
        foreach (var (name, value) in inputs)
            if (name != "x" && value.dtype == torch.float32) weights[value] = "layer." + name;
        OnnxExporter.Write(draft, names, weights, [recorder.Operations, recorder.Operations], ProbeGrid.OfBatch);
        draft.Output(names[y], "y", OnnxComparison.Batched(y.shape[1..]));
        Folding.Fold(draft.Graph);
        return OnnxComparison.File(new()
        {
            IrVersion = 8, Graph = draft.Graph, OpsetImport = { new OperatorSetIdProto { Version = OnnxOps.Opset } },
        });
    }
}
