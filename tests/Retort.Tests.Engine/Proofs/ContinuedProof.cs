using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tests.Contract;
using Retort.Tests.Recipes;
using Retort.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Proofs;

/// <summary>
/// A network learns from the labels for half the steps, another from a network with new weights for fewer, and the
/// student starts from the first one's weights and learns from the recipe's teacher.
/// </summary>
public sealed record ContinuedOptions : ProcedureOptions
{
    /// <summary>Whether the network with new weights is a stage too.</summary>
    public bool SavesOwn { get; init; }

    public override Procedure Build() => new Continued(SavesOwn);
}

[Paper("proof-continued", "no paper: a proof that initial weights and teachers of every kind fit", 0)]
sealed class Continued(bool savesOwn) : Procedure
{
    static readonly Artifact s_teacher = new("teacher.safetensors", ArtifactKind.Predictions);

    /// <summary>The steps of its loop.</summary>
    public const int LoopSteps = 3;

    public override OutputSet RequiredOfTeacher => Output.Logits;
    public override IReadOnlyList<Artifact> Artifacts => [s_teacher];

    public override ProcedureResult Run(ProcedureContext context)
    {
        var first = context.Train(new()
        {
            Name = "first", Method = method => new LabelsOnly(method.Task), Steps = context.Steps / 2,
        });
        using var own = context.NewNetwork("own");
        if (savesOwn) context.SaveNetwork("own", own);
        using var ownTeacher = new NetworkTeacher(own, owns: false);
        context.Train(new() { Name = "second", Method = _ => new Imitation(), Teacher = ownTeacher, Steps = 5 });
        using var count = zeros(1);
        context.Loop(new()
        {
            Name = "count", Steps = LoopSteps, State = () => [KeyValuePair.Create("count", count)],
            Step = _ => count.add_(ones(1)).ToFloatArray()[0],
        });
        using (NewDisposeScope()) context.Save(s_teacher, new Dictionary<string, Tensor>
        {
            ["validation"] = Of(context.Data.Validation), ["training"] = Of(context.Training),
        });
        context.Train(new()
        {
            Name = "third", Method = _ => new Imitation(startsFrom: first), Teacher = context.Teacher,
            InitialWeights = ((NetworkTeacher)first).Network.state_dict(),
        });
        return savesOwn ? new([new("first"), new("own"), new("second", Teacher: "own"), new("third")])
            : new([new("first"), new("second"), new("third")]);

        Tensor Of(IDataSplit split)
        {
            var values = context.Predict(context.Teacher!, split).Values;
            return values.ToTensor(values.Length);
        }
    }
}

/// <summary>Agreement with the teacher.</summary>
sealed class Imitation(ITeacher? startsFrom = null) : DistillationLoss
{
    bool _isFirst = true;

    /// <summary>The largest difference between the first step's logits and the network it should start from.</summary>
    public static float? FirstDifference { get; set; }

    public override RequiredOutputs Requires => Output.Logits;

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        if (_isFirst && startsFrom is not null)
        {
            var expected = startsFrom.Forward(batch, Output.Logits).Logits;
            FirstDifference ??= student.Logits.detach().sub(expected).abs().max().ToSingle();
        }
        _isFirst = false;
        return new() { ["agreement"] = KlDivergence(teacher.Logits.Softmax(), student.Logits.LogSoftmax()) };
    }
}

public sealed class ContinuedProof
{
    static Recipe Recipe => new()
    {
        Name = "continued", Data = new Retort.Data.ToyOptions { Examples = 64 },
        Teacher = new TrainedTeacherOptions
        {
            Network = new MlpOptions { Hidden = [16] }, Training = new() { Epochs = 2, BatchSize = 16 },
        },
        Student = new MlpOptions { Hidden = [4] }, Method = new ContinuedOptions(),
        Training = new() { Epochs = 2, BatchSize = 16, CheckpointSeconds = 0 }, Seeds = 1, Threads = 1,
    };

    [Fact]
    public void Its_steps_teachers_and_initial_weights_are_the_real_ones_and_the_same_over_a_kill()
    {
        Imitation.FirstDifference = null;
        var whole = ProofRun.Whole(Recipe);
        Assert.Equal(0f, Imitation.FirstDifference);

        var student = TestRuns.Card(whole, "student-seed1");
        Assert.Equal([4, 5, 8], student.Stages!.Select(stage => Stage(stage.Part).Steps));
        Assert.Equal((8, Continued.LoopSteps), (student.Steps, student.OtherSteps));
        var results = TestRuns.Json(Path.Combine(whole, "results.json"));
        Assert.Equal(4 + 5 + 8 + Continued.LoopSteps, (long)results["student"]!["stepsInAll"]!);
        Assert.Contains("; it took 20 steps in all to the control's 8",
            (string)results["verdict"]!["sentence"]!, StringComparison.Ordinal);
        Assert.Contains("the control took 8 steps, and the student took 20 steps in all",
            File.ReadAllText(Path.Combine(whole, "report.md")), StringComparison.Ordinal);

        var teacher = NetworkFiles.WeightsHash(Path.Combine(whole, "networks", "teacher"));
        Assert.Equal((null, teacher, teacher),
            (Stage("first").TeacherHash, Stage("third").TeacherHash, student.TeacherHash));
        Assert.NotEqual(teacher, Stage("second").TeacherHash);
        Assert.Equal(64, Stage("second").TeacherHash!.Length);
        ProofRun.KilledAndResumed(Recipe, whole, "student-seed1/count/checkpoint.safetensors");

        NetworkConfig Stage(string part) => TestRuns.Card(whole, $"student-seed1/{part}");
    }

    [Fact]
    public void A_cached_teacher_predicts_every_split_as_the_teacher_itself_does()
    {
        var plain = ProofRun.Whole(Recipe);
        var cached = ProofRun.Whole(Recipe with
        {
            Teacher = new CachedTeacherOptions { Teacher = Recipe.Teacher!, Codec = new Float32Options() },
        });
        using var scope = NewDisposeScope();
        var (one, other) = (Saved(plain), Saved(cached));
        var stored = PredictionsFile.Read(
            Path.Combine(plain, "networks", "teacher", PredictionsFile.Name), "validation");
        Assert.Equal(stored.Values, one["validation"].ToFloatArray());
        Assert.Equal(stored.Values, other["validation"].ToFloatArray());
        Assert.Equal(one["training"].ToFloatArray(), other["training"].ToFloatArray(),
            (left, right) => Math.Abs(left - right) < 1e-5);

        static IReadOnlyDictionary<string, Tensor> Saved(string run) => Retort.Tensors.Files.SafeTensors.Read(
            Path.Combine(run, "networks", "student-seed1", "teacher.safetensors"));
    }

    [Fact]
    public void A_saved_network_can_be_the_teacher_of_the_next_stage()
    {
        var run = ProofRun.Whole(Recipe with { Method = new ContinuedOptions { SavesOwn = true } });
        Assert.Equal(0, TestRuns.Card(run, "student-seed1/own").Steps);     // no loop trained it
        Assert.Equal(20, (long)TestRuns.Json(Path.Combine(run, "results.json"))["student"]!["stepsInAll"]!);
        var card = Path.Combine(run, "networks", "student-seed1", "second", "config.json");
        File.WriteAllText(card, File.ReadAllText(card).Replace(
            "\"teacherHash\": \"", "\"teacherHash\": \"00", StringComparison.Ordinal));
        Assert.Contains("its teacher must be own",
            Assert.Throws<InvalidDataException>(() => Reports.Write(run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trial_has_the_hash_of_the_teacher_that_its_search_trained()
    {
        var run = ProofRun.Whole(Recipe with
        {
            Search = new()
            {
                Over = [new ChoiceOptions { Option = "teacher.network.hidden.0", Values = [2, 16] }],
                Strategy = new GridOptions(),
            },
        });
        var trials = Directory.GetDirectories(Path.Combine(run, "search"), "student-*");
        Assert.NotEmpty(trials);
        var teachers = Directory.GetDirectories(Path.Combine(run, "search"), "teacher-*")
            .Select(NetworkFiles.WeightsHash).ToList();
        Assert.All(trials, trial =>
        {
            var hash = NetworkFiles.ReadConfig(Path.Combine(trial, "third")).TeacherHash;
            Assert.Contains(hash, teachers);
            Assert.Equal(NetworkFiles.ReadConfig(trial).TeacherHash, hash);
        });
    }
}
