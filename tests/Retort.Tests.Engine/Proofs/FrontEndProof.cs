using Retort.Methods;
using Retort.Models;
using Retort.Recipes;

namespace Retort.Tests.Proofs;

/// <summary>The student sees four numbers, the teacher eight, of which the class follows.</summary>
public sealed record TwoFrontEndsOptions : DataOptions
{
    public override Dataset Open() => new()
    {
        Name = "two front ends",
        Hash = "two",
        Training = new Split(1, 64),
        Validation = new Split(2, 32),
        Test = new Split(3, 32),
    };

    sealed class Split(long seed, int count) : IDataSplit
    {
        public int Count => count;
        public int? Views => 1;

        public DatasetInfo Info { get; } = new()
        {
            Classes = ["a", "b"], Inputs = [TensorSpec.Features(4)], TeacherInputs = [TensorSpec.Features(8)],
        };

        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
        {
            into.Reset(positions.Length);
            into.ViewIndex = 0;
            var few = into.Float32(InputNames.Features, [4]);
            var many = into.Float32(InputNames.Features, [8], teacher: true);
            for (var i = 0; i < positions.Length; i++)
            {
                var random = new RandomStream(seed, StreamKey.Data, positions[i]);
                for (var d = 0; d < 8; d++) many[8 * i + d] = (float)(random.Uniform() - 0.5);
                many.Slice(8 * i, 4).CopyTo(few[(4 * i)..]);
                into.Ids[i] = positions[i];
                into.Labels[i] = many[8 * i] + many[8 * i + 1] > 0 ? 1 : 0;
            }
        }
    }
}

public sealed class FrontEndProof
{
    [Fact]
    public void A_teacher_with_another_front_end_than_the_student_goes_from_recipe_to_report_and_over_a_kill()
    {
        var recipe = new Recipe
        {
            Name = "front-ends", Data = new TwoFrontEndsOptions(),
            Teacher = new TrainedTeacherOptions
            {
                Network = new MlpOptions { Hidden = [16] },
                Training = new() { Epochs = 4, BatchSize = 16, CheckpointSeconds = 0 },
            },
            Student = new MlpOptions { Hidden = [4] }, Method = new SoftTargetsOptions(),
            Training = new() { Epochs = 4, BatchSize = 16, CheckpointSeconds = 0 }, Seeds = 1, Threads = 1,
        };
        var whole = ProofRun.Whole(recipe);
        Assert.Equal(8, Inputs("teacher"));
        Assert.Equal(4, Inputs("student-seed1"));
        ProofRun.KilledAndResumed(recipe, whole, "student-seed1/checkpoint.safetensors");

        long Inputs(string part) => Retort.Tests.Recipes.TestRuns.Card(whole, part).Data.Inputs[0].Count;
    }
}
