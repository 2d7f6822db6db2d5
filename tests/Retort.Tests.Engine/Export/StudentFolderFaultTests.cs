using Google.Protobuf;
using Retort.Export;
using Retort.Recipes;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Training;
using static Retort.Tests.Export.StudentFolderTests;

namespace Retort.Tests.Export;

/// <summary>Exports that fail, that were killed, or that are of something a run does not hold.</summary>
public sealed class StudentFolderFaultTests(StudentFolderTests.OneRun one) : IClassFixture<StudentFolderTests.OneRun>
{
    const int NoProcess = int.MaxValue; // no system numbers as many

    [Fact]
    public void A_graph_with_other_outputs_is_refused_with_the_worst_example_and_nothing_is_left()
    {
        using var scope = torch.NewDisposeScope();
        var data = Recipe.Read(Path.Combine(one.Path, "recipe.json")).Source.Open();
        using var saved = SavedNetwork.Open(Path.Combine(one.Path, "networks", "student-seed1"));
        var model = OnnxExporter.Model(saved.Network, saved.Config.Data, Output.Logits);
        Assert.InRange(
            ExportCheck.Compare(OnnxComparison.File(model), saved.Network, data, Output.Logits).Worst, 0,
            ExportCheck.Allowed);
        var bias = model.Graph.Initializer.Single(weight => weight.Name == "fc.bias");
        var numbers = GraphWiring.Read(bias);
        numbers[2] += 0.01f;
        bias.RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan()));
        Assert.Matches(
            @"^The exported graph and the network differ: for example \d+ of (validation|test|training) logits 2 is .* "
            + @"an error of 0\.0[01]\d* of max\(1, \|number\|\), where 0\.0001 is allowed",
            Assert.Throws<InvalidOperationException>(
                () => ExportCheck.Compare(OnnxComparison.File(model), saved.Network, data, Output.Logits)).Message);
    }

    [Fact] // weights that are no numbers make logits that are none, and those agree with nothing
    public void An_export_that_fails_leaves_nothing_behind()
    {
        var run = Copied(one.Path);
        var weights = Path.Combine(run, "networks", "student-seed1", "model.safetensors");
        using (torch.NewDisposeScope())
        {
            var tensors = SafeTensors.Read(weights);
            tensors["fc.bias"].fill_(double.NaN.ToScalar());
            SafeTensors.Write(weights, tensors);
        }
        File.Delete(Path.Combine(Path.GetDirectoryName(weights)!, "predictions.safetensors"));
        var target = Target();
        Assert.Throws<InvalidOperationException>(
            () => StudentFolder.Write(run, new() { Network = "student-seed1", Folder = target }));
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(target)!));
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => StudentFolder.Write(one.Path, new() { Network = "student-seed1", Folder = target }, stopped.Token));
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(target)!));
    }

    [Fact] // what a killed export left is swept, what another is at work on is not, and a folder that is there is kept
    public void Drafts_of_killed_exports_are_swept_and_a_finished_folder_is_never_overwritten()
    {
        var target = Target();
        var killed = $"{target}.{NoProcess}.a.draft";
        var held = $"{target}.{NoProcess}.b.draft";
        var other = $"{target}-mine";
        foreach (var folder in new[] { killed, held, other }) Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(killed, "model.onnx"), "half a graph");
        using (Retort.Runs.FolderLock.Take(held, leave: false))
            StudentFolder.Write(one.Path, new() { Network = "student-seed1", Folder = target });
        Assert.Equal(
            [target, other, held],
            Directory.GetDirectories(Path.GetDirectoryName(target)!).Order(StringComparer.Ordinal));
        var before = File.ReadAllBytes(Path.Combine(target, "config.json"));
        Assert.Equal(
            $"{target} is there already: choose another folder with --out, or remove it first.",
            Assert.Throws<InvalidOperationException>(
                () => StudentFolder.Write(one.Path, new() { Network = "student-seed1", Folder = target })).Message);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(target, "config.json")));
    }

    [Fact] // half precision ends at 65,504
    public void A_smaller_graph_that_is_of_no_use_is_left_out_by_name_and_the_others_are_there()
    {
        var run = Copied(one.Path);
        var path = Path.Combine(run, "networks", "student-seed1", "model.safetensors");
        using (torch.NewDisposeScope())
        {
            var tensors = SafeTensors.Read(path);
            tensors["fc.bias"].fill_(100_000.0.ToScalar());
            SafeTensors.Write(path, tensors);
        }
        File.Delete(Path.Combine(Path.GetDirectoryName(path)!, "predictions.safetensors"));
        var exported = StudentFolder.Write(
            run, new() { Network = "student-seed1", Folder = Target(), IncludeInt8 = true, IncludeFloat16 = true });
        Assert.Equal(["float32", "int8"], exported.Variants.Select(variant => variant.Name));
        Assert.StartsWith(
            "float16 is left out: The network cannot be written in float16, which ends at 65504: fc.bias holds 100000.",
            Assert.Single(exported.LeftOut),
            StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(exported.Folder, "model.float16.onnx")));
        Assert.Contains(
            "float16 is left out",
            File.ReadAllText(Path.Combine(exported.Folder, "README.md")),
            StringComparison.Ordinal);
    }

    [Fact] // whether a sum on the way overflows is up to the machine: one that does is told by its answers
    public void A_graph_that_returns_infinity_is_named()
    {
        using var scope = torch.NewDisposeScope();
        var data = Recipe.Read(Path.Combine(one.Path, "recipe.json")).Source.Open();
        using var saved = SavedNetwork.Open(Path.Combine(one.Path, "networks", "student-seed1"));
        var model = OnnxExporter.Model(saved.Network, saved.Config.Data, Output.Logits);
        Assert.Null(Variants.Defect("float16", OnnxComparison.File(model), data, Output.Logits));
        var bias = model.Graph.Initializer.Single(weight => weight.Name == "fc.bias");
        bias.RawData = ByteString.CopyFrom(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>([0, float.PositiveInfinity, 0, 0]));
        Assert.Equal(
            "float16 is left out: for test example 0 it returns Infinity, since a number on the way is beyond its "
            + "range.",
            Variants.Defect("float16", OnnxComparison.File(model), data, Output.Logits));
    }

    [Fact] // told by its lock and not by the process in its name: in a container every export may be process 1
    public void A_draft_is_swept_unless_somebody_is_at_work_on_it()
    {
        var target = Target();
        var held = $"{target}.{NoProcess}.a.draft";
        var killed = $"{target}.{NoProcess}.b.draft";
        var other = $"{target}.{Environment.ProcessId}.c.draft";
        foreach (var draft in (string[])[held, killed, other])
        {
            Directory.CreateDirectory(draft);
            File.WriteAllText(Path.Combine(draft, "config.json"), "{}");
        }
        using var atWork = Retort.Runs.FolderLock.Take(held);
        StudentFolder.Write(one.Path, new() { Network = "student-seed1", Folder = target });
        Assert.Equal(
            OperatingSystem.IsWindows() ? [target, held, other] : [target, held],
            Directory.GetDirectories(Path.GetDirectoryName(target)!).Order(StringComparer.Ordinal));
        Assert.False(File.Exists(Path.Combine(target, "lock")));
    }

    [Fact] // the best of those that happen to be done would be passed off as the best of all
    public void An_unfinished_run_has_no_best_student()
    {
        var run = Copied(one.Path);
        File.Delete(Path.Combine(run, "results.json"));
        Directory.Delete(Path.Combine(run, "networks", "student-seed2"), recursive: true);
        Assert.Equal(
            $"{run} is not finished, 1 of its 2 students are done: finish it, or name one with --network: "
            + "student-seed1.",
            Assert.Throws<InvalidOperationException>(() => StudentFolder.Write(run, new())).Message);
        Assert.Equal(
            "student-seed1", StudentFolder.Write(run, new() { Network = "student-seed1", Folder = Target() }).Network);
    }

    [Fact] // predictions that are all right, and all wrong
    public void The_best_control_can_be_exported()
    {
        var run = Copied(one.Path);
        var networks = Path.Combine(run, "networks");
        foreach (var (seed, other) in new[] { (1, 2), (2, 1) })
        {
            var better = Path.Combine(networks, $"control-seed{seed}", PredictionsFile.Name);
            var weaker = Path.Combine(networks, $"control-seed{other}", PredictionsFile.Name);
            Predict(better, right: true);
            Predict(weaker, right: false);
            Assert.Equal($"control-seed{seed}", RunNetworks.NameOf(run, "control"));
        }

        static void Predict(string file, bool right)
        {
            var (validation, test) = (PredictionsFile.Read(file, "validation"), PredictionsFile.Read(file, "test"));
            var values = new float[validation.Values.Length];
            foreach (var (i, label) in validation.Labels.Index())
                values[i * validation.Width + (right ? label : (label + 1) % validation.Width)] = 1;
            PredictionsFile.Write(file, ("validation", new()
            {
                Output = validation.Output, Width = validation.Width, Labels = validation.Labels, Ids = validation.Ids,
                Values = values,
            }), ("test", test));
        }
    }

    [Fact]
    public void What_a_run_does_not_hold_is_refused()
    {
        Assert.Equal(
            $"{one.Path} has no network \"student-seed9\" that is done; it has teacher, control-seed1, control-seed2, "
            + "student-seed1, student-seed2.",
            Assert.Throws<InvalidDataException>(
                () => StudentFolder.Write(one.Path, new() { Network = "student-seed9" })).Message);
        var empty = Few.Folder();
        Assert.Equal(
            $"{empty} holds no student that is done: name a run's folder.",
            Assert.Throws<InvalidDataException>(() => StudentFolder.Write(empty, new())).Message);
        Assert.Equal(
            "nothing-here: there is no such folder.",
            Assert.Throws<InvalidDataException>(() => StudentFolder.Write("nothing-here", new())).Message);
        var run = Copied(one.Path);
        var recipe = Path.Combine(run, "recipe.json");
        File.WriteAllText(
            recipe, File.ReadAllText(recipe).Replace("\"examples\": 64", "\"examples\": 65", StringComparison.Ordinal));
        var error = Assert.Throws<InvalidDataException>(
            () => StudentFolder.Write(run, new() { Network = "student-seed1" }));
        Assert.Contains("was trained on data with hash", error.Message, StringComparison.Ordinal);
    }

    static string Copied(string run)
    {
        var copy = Path.Combine(Few.Folder(), "run");
        foreach (var file in Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(copy, Path.GetRelativePath(run, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        return copy;
    }
}
