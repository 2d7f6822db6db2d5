using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Training;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Retort.Tests.Studies;

/// <summary>
/// SEA's claim on computed domains: of two students of one size, the one that is specialized to a domain approximates
/// the teacher better there, and worse elsewhere. Means over draws of domains, teacher and students.
/// </summary>
public sealed class SpecializedEmbeddingClaimTests(ITestOutputHelper output)
{
    const int Labels = 400;                                                // that a linear probe learns from
    static readonly int[] s_all = [.. Enumerable.Range(0, 10)];
    static readonly int[] s_others = [3, 6, 9];

    readonly string _folder = Directory.CreateTempSubdirectory("retort-sea-").FullName;

    [Fact]
    public void A_specialized_student_of_six_units_is_better_in_its_domain()
    {
        var (specialized, general) = Compare(hidden: 6, width: 16, seeds: 1);
        Assert.InRange(specialized.Error, 0, general.Error / 2);
        Assert.InRange(specialized.Inside - general.Inside, 0, 1);
        Assert.InRange(specialized.Outside - general.Outside, -1, 0);
    }

    [Theory(Explicit = true)] // as in docs/methods/sea.md; minutes each
    [InlineData(4, 64)]
    [InlineData(4, 16)]
    [InlineData(6, 64)]
    [InlineData(6, 16)]
    [InlineData(12, 64)]
    [InlineData(12, 16)]
    public void Students_of_six_sizes_over_four_seeds(int hidden, int width)
    {
        var (specialized, general) = Compare(hidden, width, seeds: 4);
        if (hidden == 6) Assert.InRange(specialized.Error, 0, general.Error / 2);
        if (hidden <= 6) Assert.InRange(specialized.Inside - general.Inside, 0.03, 1);
        Assert.InRange(specialized.Outside - general.Outside, -1, 0);
    }

    (Scores Specialized, Scores General) Compare(int hidden, int width, int seeds)
    {
        var specialized = Mean([.. Enumerable.Range(1, seeds).Select(seed => Run(hidden, width, seed, [0]))]);
        var general = Mean([.. Enumerable.Range(1, seeds).Select(seed => Run(hidden, width, seed, s_all))]);
        output.WriteLine(Invariant($"{hidden} units, {width} numbers:"));
        output.WriteLine(Invariant($"specialized {specialized}, general {general}"));
        Directory.Delete(_folder, recursive: true);
        return (specialized, general);
    }

    // a run of the recipe on these domains, after the first with the same teacher; the student's scores are on new
    // examples of the first domain and of others
    Scores Run(int hidden, int width, int seed, int[] domains)
    {
        using var scope = NewDisposeScope();
        var recipe = Recipe.Read(House.Repository.At("recipes/sea/domains.json"));
        var data = new DomainsOptions { Seed = seed, TrainedOn = domains };
        recipe = recipe with
        {
            Data = data,
            Student = new MlpOptions { Hidden = [hidden], EmbeddingWidth = width },
            Seeds = 1,
        };
        var teacherFolder = Path.Combine(_folder, Invariant($"seed{seed}"), "networks", "teacher");
        if (domains.Length > 1) recipe = recipe with
        {
            Teacher = new CheckpointTeacherOptions
            {
                Path = Path.Combine(teacherFolder, "model.safetensors"),
                Network = ((TrainedTeacherOptions)recipe.Teacher!).Network,
            },
        };
        var folder = Path.Combine(_folder, Invariant($"seed{seed}{(domains.Length > 1 ? "-general" : "")}"));
        var run = Experiment.Run(recipe, new() { Folder = folder });
        using var teacher = SavedNetwork.Open(teacherFolder);
        using var student = SavedNetwork.Open(Path.Combine(run, "networks", "student-seed1", "student"));
        var training = Embeddings(teacher.Network, data.Open().Training);
        using var reduction = SpecializedEmbedding.Reduction.Fit(
            training, [.. Enumerable.Range(0, training.Count)], width, whiten: false);
        var (inside, outside) = (New([0]), New(s_others));
        return new(
            reduction.RelativeError(Embeddings(student.Network, inside), Embeddings(teacher.Network, inside)),
            Probe(inside), Probe(outside));

        IDataSplit New(int[] tested) => (data with { TestedOn = tested, TestExamples = 2000 + Labels }).Open().Test;

        double Probe(IDataSplit split)
        {
            var all = Embeddings(student.Network, split);
            return new LinearProbe(Rows(all, 0, Labels), split.Info.Classes.Count)
                .Accuracy(Rows(all, Labels, all.Count));
        }
    }

    static Predictions Embeddings(Network network, IDataSplit split)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var batch = new HostBatch();
        split.Load([.. Enumerable.Range(0, split.Count)], View.Plain, batch);
        var embedding = network.Forward(batch.ToBatch().Inputs, Output.Embedding).Embedding;
        return new()
        {
            Output = "embedding",
            Values = embedding.ToFloatArray(),
            Width = (int)embedding.size(1),
            Labels = [.. batch.Labels],
            Ids = [.. batch.Ids],
        };
    }

    static Predictions Rows(Predictions all, int from, int to) => new()
    {
        Output = all.Output,
        Values = all.Values[(from * all.Width)..(to * all.Width)],
        Width = all.Width,
        Labels = all.Labels[from..to],
        Ids = all.Ids[from..to],
    };

    static Scores Mean(Scores[] scores) => new(
        scores.Average(one => one.Error), scores.Average(one => one.Inside), scores.Average(one => one.Outside));

    /// <summary>Relative squared error in the first domain; accuracy of a linear probe there and in others.</summary>
    sealed record Scores(double Error, double Inside, double Outside);
}
