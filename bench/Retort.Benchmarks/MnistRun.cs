using MathNet.Numerics.Statistics;
using Retort.Tensors.Files;

namespace Retort.Benchmarks;

/// <summary>A whole KD run on MNIST in its own process, compared with the script that a PyTorch user writes.</summary>
static class MnistRun
{
    const int Rounds = 2;
    static readonly string Recipe = Path.Combine(Path.GetDirectoryName(PythonProcess.Folder)!, "mnist.json");

    public static int Run()
    {
        var data = RunFolders.Mnist();
        if (data is null) return RunFolders.SkipWithoutMnist();

        using var folders = new RunFolders();
        var run = folders.RunRecipe("mnist", Recipe, "--seeds", "1", "--threads", "2");
        var teacher = Path.Combine(folders.Root, "teacher.f32");
        Flatten(Path.Combine(run, "networks", "teacher", "model.safetensors"), teacher);

        Console.WriteLine("| a whole KD run on MNIST, teacher given, 5 epochs | s, median of 2 | times as fast |");
        Console.WriteLine("| --- | ---: | ---: |");
        var times = new Dictionary<string, List<double>>
        {
            ["Retort"] = [], ["PyTorch, 0 workers"] = [], ["PyTorch, 2 workers"] = [],
        };
        for (var i = 0; i < Rounds; i++)
        {
            Directory.Delete(Path.Combine(run, "networks", "student-seed1"), recursive: true);
            times["Retort"].Add(RunFolders.Seconds(() => RunFolders.Train(run, "student-seed1")));
            foreach (var workers in (int[])[0, 2])
                times[$"PyTorch, {workers} workers"].Add(RunFolders.Seconds(() => RunPython(data, teacher, workers)));
        }

        var ours = times["Retort"].Median();
        foreach (var (name, seconds) in times)
            Console.WriteLine(FormattableString.Invariant(
                $"| {name} | {seconds.Median():F1} | {seconds.Median() / ours:F2} |"));
        return 0;
    }

    static void RunPython(string data, string teacher, int workers)
    {
        using var process = PythonProcess.Start("mnist_run.py", [data, teacher, "2", $"{workers}"]);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"The Python script failed: {process.StandardError.ReadToEnd()}");
        Console.Error.Write(output);
    }

    /// <summary>Writes a network's parameters one after another, as the Python script reads them.</summary>
    static void Flatten(string weights, string path)
    {
        using var scope = torch.NewDisposeScope();
        var tensors = SafeTensors.Read(weights);
        using var file = File.Create(path);
        foreach (var layer in (string[])["conv1", "conv2", "fc1", "fc2", "fc3"])
            foreach (var kind in (string[])["weight", "bias"])
                file.Write(tensors[$"{layer}.{kind}"].bytes);
    }
}
