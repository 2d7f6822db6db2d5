using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Proofs;

/// <summary>
/// Learns one image a class whose mean distance to the class's examples is least, and trains a network on them.
/// </summary>
public sealed record DistilledDataOptions : ProcedureOptions
{
    public override Procedure Build() => new DistilledData();
}

[Paper("proof-distilled-data", "no paper: a proof that data sets as a product fit", 0)]
sealed class DistilledData : Procedure
{
    static readonly Artifact s_data = new("distilled.safetensors", ArtifactKind.Dataset);

    public override IReadOnlyList<Artifact> Artifacts => [s_data];
    public override MethodOptions Control => new RandomRealDataOptions();

    public override ProcedureResult Run(ProcedureContext context)
    {
        var info = context.Training.Info;
        using var images = zeros([info.Classes.Count, .. info.Inputs[0].Shape]);
        context.Loop(new()
        {
            Name = "distill", Steps = 20, State = () => [KeyValuePair.Create("images", images)],
            Step = step =>
            {
                var batch = context.BatchAt(context.Training, step);
                var target = images.index_select(0, batch.Labels);          // [B, …]
                var change = batch.Inputs.Parts[0].Value.sub(target);
                images.index_add_(0, batch.Labels, change.mul(tensor(0.1f)), tensor(1f).ToScalar());
                return change.square().mean().ToSingle();
            },
        });
        context.Save(s_data, new Dictionary<string, Tensor> { ["images"] = images });
        using var scope = NewDisposeScope();
        var data = new SmallSplit(
            info, context.Load(s_data)!["images"], [.. Enumerable.Range(0, info.Classes.Count).Select(c => (long)c)]);
        context.Train(new() { Name = "evaluation", Method = method => new LabelsOnly(method.Task), Data = data });
        return new([new("evaluation")]);
    }
}

/// <summary>The control: as many real examples, drawn at random.</summary>
public sealed record RandomRealDataOptions : ProcedureOptions
{
    public override Procedure Build() => new RandomRealData();
}

[Paper("proof-random-real-data", "no paper: the control of distilled data", 0)]
sealed class RandomRealData : Procedure
{
    public override ProcedureResult Run(ProcedureContext context)
    {
        var info = context.Training.Info;
        var batch = new HostBatch();
        var random = new RandomStream(context.Seed, StreamKey.Data);
        context.Training.Load(
            [.. Enumerable.Range(0, info.Classes.Count).Select(_ => random.NextInt(context.Training.Count))],
            View.Plain, batch);
        using var scope = NewDisposeScope();
        var data = new SmallSplit(info, batch.ToBatch().Inputs.Parts[0].Value, batch.Labels.ToArray());
        context.Train(new() { Name = "evaluation", Method = method => new LabelsOnly(method.Task), Data = data });
        return new([new("evaluation")]);
    }
}

/// <summary>A few images with their labels.</summary>
sealed class SmallSplit(DatasetInfo info, Tensor images, long[] labels) : IDataSplit
{
    readonly float[] _values = images.ToFloatArray();

    public int Count => labels.Length;
    public DatasetInfo Info => info;
    public int? Views => 1;

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        var size = _values.Length / Count;
        var values = into.Float32(info.Inputs[0].Name, info.Inputs[0].Shape);
        for (var i = 0; i < positions.Length; i++)
        {
            _values.AsSpan(positions[i] * size, size).CopyTo(values[(i * size)..]);
            (into.Ids[i], into.Labels[i]) = (positions[i], labels[positions[i]]);
        }
    }
}

public sealed class DistilledDataProof
{
    [Fact]
    public void A_data_set_as_the_product_goes_from_recipe_to_report_and_over_a_kill()
    {
        var recipe = new Recipe
        {
            Name = "distilled", Data = new ToyOptions { Examples = 64 }, Student = new MlpOptions { Hidden = [8] },
            Method = new DistilledDataOptions(), Training = new() { Epochs = 4, BatchSize = 4, CheckpointSeconds = 0 },
            Seeds = 1, Threads = 1,
        };
        var whole = ProofRun.Whole(recipe);
        Assert.True(File.Exists(Path.Combine(whole, "networks", "student-seed1", "distilled.safetensors")));
        Assert.Equal(
            "proof-random-real-data",
            (string)Retort.Tests.Recipes.TestRuns.Card(whole, "control-seed1").Method!["name"]!);
        Assert.Equal(20, Retort.Tests.Recipes.TestRuns.Card(whole, "student-seed1").OtherSteps);
        ProofRun.KilledAndResumed(recipe, whole, "distill/checkpoint.safetensors");
    }
}
