using Retort.Data;
using Retort.Models;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tests.Contract;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Proofs;

/// <summary>Two networks take turns: one learns from the recipe's cached teacher, the other from the first.</summary>
public sealed record AlternatingOptions : ProcedureOptions
{
    public override Procedure Build() => new Alternating();
}

[Paper("proof-alternating", "no paper: a proof that alternating procedures fit", 0)]
sealed class Alternating : Procedure
{
    public override OutputSet RequiredOfTeacher => Output.Logits;

    public override ProcedureResult Run(ProcedureContext context)
    {
        using var guide = context.NewNetwork("guide", new MlpOptions { Hidden = [8] });
        using var student = context.NewNetwork("student");
        using Optimizer first = new Sgd(Named(guide), 0.9, nesterov: false, weightDecay: 0);
        using var second = context.NewOptimizer(Named(student));
        guide.train();
        student.train();
        context.Loop(new()
        {
            Name = "alternate", Steps = context.Steps,
            State = () =>
            [
                .. Under("guide", guide.state_dict()), .. Under("student", student.state_dict()),
                .. Under("first", first.State), .. Under("second", second.State),
            ],
            Step = step =>
            {
                var batch = context.BatchAt(context.Training, step);
                var (learner, optimizer) = step % 2 == 0 ? (guide, first) : (student, second);
                using var frozen = no_grad();
                var target = step % 2 == 0 ? context.Teacher!.Forward(batch, Output.Logits).Logits
                    : guide.Forward(batch.Inputs, Output.Logits).Logits;
                using var learning = enable_grad();
                optimizer.ZeroGrad();
                var logQ = learner.Forward(batch.Inputs, Output.Logits).Logits.LogSoftmax();
                var loss = KlDivergence(target.Softmax().detach(), logQ);
                loss.backward();
                optimizer.Step(context.LearningRate(step, context.Steps));
                return loss.ToSingle();
            },
        });
        context.SaveNetwork("student", student);
        return new([new("student")]);
    }

    static IReadOnlyList<(string, TorchSharp.Modules.Parameter)> Named(Network network) =>
        [.. network.named_parameters().Select(pair => (pair.name, pair.parameter))];

    static IEnumerable<KeyValuePair<string, Tensor>> Under(
        string prefix, IEnumerable<KeyValuePair<string, Tensor>> state) =>
        state.Select(pair => KeyValuePair.Create($"{prefix}/{pair.Key}", pair.Value));
}

public sealed class AlternatingProof
{
    [Fact]
    public void A_procedure_of_two_networks_and_a_cached_teacher_goes_from_recipe_to_report_and_over_a_kill()
    {
        var recipe = new Recipe
        {
            Name = "alternating", Data = new ToyOptions { Examples = 64 },
            Teacher = new CachedTeacherOptions
            {
                Teacher = new TrainedTeacherOptions
                {
                    Network = new MlpOptions { Hidden = [16] },
                    Training = new() { Epochs = 2, BatchSize = 16 },
                },
                Codec = new Float32Options(),
            },
            Student = new MlpOptions { Hidden = [4] }, Method = new AlternatingOptions(),
            Training = new() { Epochs = 8, BatchSize = 16, CheckpointSeconds = 0 }, Seeds = 1, Threads = 1,
        };
        var whole = ProofRun.Whole(recipe);
        Assert.Equal(32, Retort.Tests.Recipes.TestRuns.Card(whole, "student-seed1").Steps);    // 8 epochs of 4
        ProofRun.KilledAndResumed(recipe, whole, "alternate/checkpoint.safetensors");
    }
}
