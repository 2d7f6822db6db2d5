using Retort.Methods;
using Retort.Recipes;
using Retort.Report;
using Retort.Tests.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>What a procedure of these tests does wrong.</summary>
public enum Mistake { None, SavesUnlisted, SavesNothing, LeavesOutLoop, RepeatsLoop }

/// <summary>Makes an image in a loop, saves it, and trains a network on the labels.</summary>
public sealed record MistakenOptions : ProcedureOptions
{
    public Mistake Mistake { get; init; }
    public override Procedure Build() => new Mistaken(Mistake);
}

[Paper("proof-mistaken", "no paper: a procedure that breaks one rule", 0)]
sealed class Mistaken(Mistake mistake) : Procedure
{
    static readonly Artifact s_listed = new("listed.safetensors", ArtifactKind.Dataset);
    static readonly Artifact s_unlisted = new("unlisted.safetensors", ArtifactKind.Dataset);

    public override IReadOnlyList<Artifact> Artifacts => [s_listed];

    public override ProcedureResult Run(ProcedureContext context)
    {
        using var image = zeros(1);
        using (NewDisposeScope())
            if (mistake != Mistake.LeavesOutLoop || context.Load(s_listed) is null) Loop();
        if (mistake == Mistake.RepeatsLoop) Loop();
        if (mistake != Mistake.SavesNothing) context.Save(
            mistake == Mistake.SavesUnlisted ? s_unlisted : s_listed, new Dictionary<string, Tensor> { ["x"] = image });
        context.Train(new() { Name = "network", Method = method => new LabelsOnly(method.Task) });
        return new([new("network")]);

        void Loop() => context.Loop(new()
        {
            Name = "image", Steps = 2, State = () => [KeyValuePair.Create("image", image)], Step = _ => 0,
        });
    }
}

/// <summary>What a procedure must not do is refused in one sentence.</summary>
public sealed class ProcedureRefusalTests
{
    [Theory]
    [InlineData(Mistake.SavesUnlisted,
        "The method proof-mistaken saves the artifact \"unlisted.safetensors\" (Dataset), which its Artifacts do not "
        + "list.")]
    [InlineData(Mistake.SavesNothing,
        "The method proof-mistaken lists the artifact \"listed.safetensors\" (Dataset) and did not save it.")]
    [InlineData(Mistake.RepeatsLoop,
        "The method proof-mistaken requests two loops with the name \"image\": each needs a name of its own.")]
    public void A_procedure_that_does_otherwise_than_it_lists_is_refused(Mistake mistake, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(() => Run(mistake, TestRuns.Folder())).Message);

    [Fact]
    public void A_loop_that_is_left_out_after_a_stop_is_refused()
    {
        var folder = TestRuns.Folder();
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Experiment.Run(
            Recipe(Mistake.LeavesOutLoop), new() { Folder = folder, Resume = true }, new Epochs(end =>
            {
                if (end.Part == "student-seed1/network") stop.Cancel();
            }), stop.Token));
        Assert.Equal(
            "The method proof-mistaken requested \"image\" before it was stopped, and not again: a procedure requests "
            + "the same networks and loops each time, also those that are done.",
            Assert.Throws<InvalidOperationException>(() => Run(Mistake.LeavesOutLoop, folder)).Message);
    }

    [Fact]
    public void A_procedure_without_a_mistake_counts_its_loop_apart()
    {
        var run = Run(Mistake.None, TestRuns.Folder());
        var config = TestRuns.Card(run, "student-seed1");
        Assert.Equal((8, 2), (config.Steps, config.OtherSteps));
    }

    static Recipe Recipe(Mistake mistake) => TestRuns.Recipe() with
    {
        Teacher = null, Method = new MistakenOptions { Mistake = mistake },
    };

    static string Run(Mistake mistake, string folder) =>
        Experiment.Run(Recipe(mistake), new() { Folder = folder, Resume = true });
}
