using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Tests.Proofs;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>Runs whose student begins with the weights of a file.</summary>
public sealed class InitialRunTests
{
    static readonly TorchvisionMobileNetV3Options Small = new() { Width = 0.25 };

    [Fact]
    public void A_run_says_what_it_begins_with_stores_the_files_hash_and_when_done_needs_no_file()
    {
        var (file, run, notes) = (Saved(classes: 7), TestRuns.Folder(), new Notes());
        var recipe = TestRuns.Recipe() with { Student = Small with { Initial = file, Frozen = ["features.0"] } };
        var options = new RunOptions { Folder = run };
        Experiment.Run(recipe, options, notes);
        var classes = Few.Data.Info.Classes.Count;
        Assert.Contains(
            $"the student begins with the weights of few.safetensors, with a new classifier of {classes} classes in "
            + "place of the file's 7; frozen: features.0", notes.Heard);

        foreach (var part in (string[])["control-seed1", "student-seed1"])
        {
            var card = TestRuns.Card(run, part);
            Assert.Equal(FileHash.Sha256(file), card.PretrainedHash);
            Assert.Equal(Recipe.Write<ModelOptions>(Small).ToJsonString(), card.Network.ToJsonString());
            AssertFrozen(file, Path.Combine(run, "networks", part));
        }

        File.Delete(file);
        Reports.Write(run);
        using var saved = SavedNetwork.Open(Path.Combine(run, "networks", "student-seed1"));
    }

    [Fact] // the last network begins with the weights of the first one, which had frozen layers too
    public void Layers_stay_frozen_where_a_procedure_hands_on_weights()
    {
        var file = Saved(classes: 7);
        var run = Experiment.Run(TestRuns.Recipe() with
        {
            Student = Small with { Initial = file, Frozen = ["features.0"] }, Method = new ContinuedOptions(),
        }, new() { Folder = TestRuns.Folder() });
        AssertFrozen(file, Path.Combine(run, "networks", "student-seed1", "third"));
    }

    static void AssertFrozen(string file, string network)
    {
        using var scope = torch.NewDisposeScope();
        var trained = SafeTensors.Read(Path.Combine(network, "model.safetensors"));
        foreach (var (name, tensor) in SafeTensors.Read(file))
            if (name.StartsWith("features.0.", StringComparison.Ordinal))
                Assert.True(tensor.equal(trained[name]).all().ToBoolean(), name);
    }

    static string Saved(int classes)
    {
        using var scope = torch.NewDisposeScope();
        using var network = ModuleFactory.Create(() => Small.Build(Few.Data.Info with
        {
            Classes = [.. Enumerable.Range(0, classes).Select(i => $"{i}")],
        }));
        var file = Path.Combine(Few.Folder(), "few.safetensors");
        SafeTensors.Write(file, network.state_dict());
        return file;
    }

    sealed class Notes : IProgress<TrainingProgress>
    {
        public List<string> Heard { get; } = [];

        public void Report(TrainingProgress value)
        {
            if (value.Note is { } note) Heard.Add(note);
        }
    }
}
