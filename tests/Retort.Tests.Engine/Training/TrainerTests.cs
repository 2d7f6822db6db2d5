using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Training;

public sealed class TrainerTests
{
    [Theory]
    [InlineData("\"step\":6", "\"step\":-6", "does not describe the state of a training: of -6 steps")]
    [InlineData("\"step\":6", "\"step\":13", "is at step 13; this training has 12.")]
    [InlineData("\"metricsLength\":", "\"metricsLength\":-", "does not describe the state of a training: of 6 steps")]
    [InlineData("\"recipeHash\":\"few\"", "\"recipeHash\":null", "does not describe the state of a training: ")]
    [InlineData("\"nll\":", "\"other\":", "must have the score \"nll\" of the best step; it has none.")]
    [InlineData("\"sums\":{", "\"sums\":{},\"other\":{", null)]
    [InlineData(null, null, "'random' is not a state of libtorch's generator.")]
    public void A_checkpoint_that_contradicts_itself_is_refused_before_anything_is_trained(
        string? from, string? to, string? sentence)
    {
        using var scope = torch.NewDisposeScope();
        var (folder, path) = (Few.Folder(), "");
        Few.Stop(Few.Job(folder, _ => new Retort.Methods.LabelsOnly(Few.Task)), inStep: 6);
        path = Path.Combine(folder, "checkpoint.safetensors");
        var (tensors, metadata) = Retort.Tensors.Files.SafeTensors.ReadAll(path);
        if (from is null) tensors["random"].zero_();
        else Assert.Contains(from, metadata["place"], StringComparison.Ordinal);
        Retort.Tensors.Files.SafeTensors.Write(path, tensors, from is null ? metadata : new Dictionary<string, string>
        {
            ["place"] = metadata["place"].Replace(from, to, StringComparison.Ordinal),
        });
        if (sentence is null) Few.Train(Few.Job(folder, _ => new Retort.Methods.LabelsOnly(Few.Task)));
        else Assert.StartsWith($"{path}", Refused(sentence), StringComparison.Ordinal);

        string Refused(string sentence)
        {
            var error = Assert.Throws<InvalidDataException>(
                () => Few.Train(Few.Job(folder, _ => new Retort.Methods.LabelsOnly(Few.Task))));
            Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
            return error.Message;
        }
    }

    [Theory, InlineData(null), InlineData(0.9)]
    public void Heads_queues_chance_and_average_are_resumed_too(double? average)
    {
        TrainerConfig Job(string folder)
        {
            var job = Few.Job(folder, _ => new Stateful());
            return job with { Options = job.Options with { EmaDecay = average } };
        }

        var (whole, broken) = (Few.Folder(), Few.Folder());
        var undisturbed = Few.Train(Job(whole));
        foreach (var steps in (int[])[1, 3, 2]) Few.Stop(Job(broken), inStep: steps);
        Assert.Equal(undisturbed, Few.Train(Job(broken)));
        Assert.Equal(Few.Epochs(whole), Few.Epochs(broken));
    }

    [Fact]
    public void A_last_epoch_that_is_shorter_has_a_number_of_its_own()
    {
        var job = Few.Job(Few.Folder(), _ => Few.Options("labels").Build(Few.MethodContext), teacher: null);
        Few.Train(job with { Steps = 10 });
        var lines = MetricsLog.Read(Path.Combine(job.Folder, MetricsLog.FileName)).ToList();
        Assert.Equal([(1, 4L), (2, 8L), (3, 10L)], lines.Select(line => (line.Epoch, line.Step)));
    }

    [Fact] // the weights stay float32, and only their steps are rounded
    public void In_bfloat16_it_learns_nearly_the_same_and_is_resumed_to_the_bit()
    {
        var job = Few.Job(Few.Folder(), _ => new Retort.Methods.LabelsOnly(Few.Task));
        var plain = Few.Train(job);
        TrainerConfig Narrow(string folder) =>
            job with { Folder = folder, Options = job.Options with { Precision = TrainingPrecision.Bfloat16 } };
        var (whole, broken) = (Few.Folder(), Few.Folder());
        var undisturbed = Few.Train(Narrow(whole));
        Assert.Equal(plain.Length, undisturbed.Length);
        Assert.NotEqual(plain, undisturbed);
        foreach (var (one, other) in MetricsLog.Read(Path.Combine(job.Folder, "metrics.jsonl"))
            .Zip(MetricsLog.Read(Path.Combine(whole, "metrics.jsonl"))))
            Assert.Equal(one.Loss!["total"], other.Loss!["total"], tolerance: 0.02);
        Few.Stop(Narrow(broken), inStep: 5);
        Assert.Equal(undisturbed, Few.Train(Narrow(broken)));
    }

    [Fact]
    public void The_average_is_what_is_looked_at_and_handed_out()
    {
        var job = Few.Job(Few.Folder(), _ => new Retort.Methods.LabelsOnly(Few.Task));
        var plain = Few.Train(job);
        var averaged = Few.Train(job with { Folder = Few.Folder(), Options = job.Options with { EmaDecay = 0.9 } });
        Assert.Equal(plain.Length, averaged.Length);
        Assert.NotEqual(plain, averaged);
    }

    [Fact]
    public void What_a_method_draws_changes_nothing_of_the_network_and_of_what_training_draws()
    {
        var job = Few.Job(Few.Folder(), _ => new Retort.Methods.LabelsOnly(Few.Task));
        var plain = Few.Train(job);
        Assert.Equal(plain, Few.Train(job with
        {
            Folder = Few.Folder(),
            Method = _ =>
            {
                using var drawn = torch.randn(100);
                return new Retort.Methods.LabelsOnly(Few.Task);
            },
        }));
    }

    [Fact]
    public void A_checkpoint_of_another_recipe_or_another_count_of_threads_is_refused()
    {
        var job = Few.Job(Few.Folder(), _ => new Retort.Methods.LabelsOnly(Few.Task));
        Few.Stop(job, inStep: 2);
        Assert.Contains("belongs to another recipe", Assert.Throws<InvalidOperationException>(
            () => Few.Train(job with { RecipeHash = "other" })).Message, StringComparison.Ordinal);
        var threads = torch.get_num_threads();
        torch.set_num_threads(threads + 1);
        try
        {
            Assert.Contains(
                $"--threads {threads}",
                Assert.Throws<InvalidOperationException>(() => Few.Train(job)).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }

    [Fact]
    public void By_default_a_short_training_writes_one_checkpoint_at_its_end()
    {
        var job = Few.Job(Few.Folder(), _ => new Watched(new Retort.Methods.LabelsOnly(Few.Task), _ => { }));
        var written = new List<int>();
        var file = Path.Combine(job.Folder, "checkpoint.safetensors");
        Few.Train(job with
        {
            Options = job.Options with { CheckpointSeconds = 600 },
            Method = _ => new Watched(
                new Retort.Methods.LabelsOnly(Few.Task), step => { if (File.Exists(file)) written.Add(step); }),
        });
        Assert.Empty(written);
        Assert.True(File.Exists(file));
    }

    [Fact] // 0.5 first; 0.6 is better; 0.6 with a higher NLL and 0.6 again are not; 0.6 with a lower NLL is
    public void Best_is_the_highest_accuracy_then_the_lowest_nll_then_the_earliest()
    {
        using var scope = torch.NewDisposeScope();
        var weights = new Dictionary<string, Tensor> { ["w"] = torch.zeros(1) };
        using var best = new BestWeights(Few.Task, weights);
        var (offers, kept) = (new[] { (0.5, 1.0), (0.6, 2.0), (0.6, 3.0), (0.6, 2.0), (0.6, 1.5) }, new List<long>());
        for (var i = 0; i < offers.Length; i++)
        {
            weights["w"].fill_(i + 1);
            var (accuracy, nll) = offers[i];
            best.Offer(weights, i + 1, new Dictionary<string, double> { ["accuracy"] = accuracy, ["nll"] = nll });
            kept.Add(best.Step);
        }
        Assert.Equal([1, 2, 2, 2, 5], kept);
        Assert.Equal(5, best.Weights["w"].ToSingle());
    }

    [Fact]
    public void The_last_weights_are_kept_where_the_recipe_says_so()
    {
        var job = Few.Job(Few.Folder(), _ => new Retort.Methods.LabelsOnly(Few.Task));
        // all epochs are equally good
        using var trainer = new Trainer(
            job with { Options = job.Options with { SelectWeights = SelectedWeights.Last, LearningRate = 1e-30 } });
        var trained = trainer.Run(default);
        Assert.Equal(12, trained.BestStep);
        using var usual = new Trainer(
            job with { Folder = Few.Folder(), Options = job.Options with { LearningRate = 1e-30 } });
        Assert.Equal(4, usual.Run(default).BestStep);
    }

    [Fact]
    public void Progress_comes_with_each_epoch_and_seldom_between()
    {
        var (heard, still) = (new Ear(), new Ear());
        var job = Few.Job(Few.Folder(), _ => new Retort.Methods.LabelsOnly(Few.Task));
        Few.Train(job with { Progress = heard });
        // 12 steps within a tenth of a second
        Few.Train(job with { Folder = Few.Folder(), Progress = still, Clock = new Stopped() });
        var epochs = heard.Reports.Where(report => report.Score is not null).ToList();
        Assert.Equal(epochs, still.Reports);
        Assert.Equal([4L, 8, 12], epochs.Select(report => report.Step));
        Assert.Equal([1, 2, 3], epochs.Select(report => report.Epoch));
        Assert.All(epochs, report => Assert.True(report.Loss > 0 && report.Steps == 12 && report.Epochs == 3));
    }

    /// <summary>
    /// A head, a buffer that is pushed after each step, and dropout: all that a resumed run must find again.
    /// </summary>
    sealed class Stateful : DistillationLoss
    {
        readonly Parts _parts = new();

        public override RequiredOutputs Requires => new(OutputSet.None, Output.Logits | Output.Embedding);
        public override Module State => _parts;

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
        {
            var kept = student.Embedding.Dropout(0.5, training: true);
            return new()
            {
                ["labels"] = batch.CrossEntropy(student.Logits),
                ["head"] = MeanSquaredError(_parts.Queue, _parts.Head.call(kept).mean([0])),
            };
        }

        public override void AfterStep(Batch batch, Outputs teacher, Outputs student) =>
            _parts.Queue.mul_(0.5).add_(student.Embedding.mean([0]));

        sealed class Parts : Module
        {
            readonly Linear head = new(4, 4);
            readonly Tensor queue = torch.zeros(4);

            public Parts() : base(nameof(Parts)) => RegisterComponents();

            public Linear Head => head;
            public Tensor Queue => queue;
        }
    }

    sealed class Stopped : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }

    sealed class Ear : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Reports { get; } = [];
        public void Report(TrainingProgress value) => Reports.Add(value);
    }
}
