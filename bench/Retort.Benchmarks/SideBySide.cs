using MathNet.Numerics.Statistics;

namespace Retort.Benchmarks;

/// <summary>
/// Four seeds of the recipe mnist-kd, each a control and a student: in child processes of one thread each, compared
/// with one after another on two threads. The weights are compared with those of one process on one thread.
/// </summary>
static class SideBySide
{
    const int Rounds = 2;
    static readonly string Recipe =
        Path.Combine(Path.GetDirectoryName(PythonProcess.Folder)!, "..", "recipes", "kd", "mnist-kd.json");

    // less than the recipe: no tuning, and two of five epochs
    static readonly string[] Short =
        ["--seeds", "4", "--set", "tuning=null", "--set", "training.epochs=2", "--set", "teacher.training.epochs=1"];

    static readonly string[] Files = ["model", "last", "predictions"];

    public static int Run()
    {
        if (RunFolders.Mnist() is null) return RunFolders.SkipWithoutMnist();

        using var folders = new RunFolders();
        var beside = folders.RunRecipe("beside", Recipe, ["--threads", "1", "--jobs", "2", .. Short]);
        var after = folders.RunRecipe("after", Recipe, ["--threads", "2", "--jobs", "1", .. Short]);
        var alone = folders.RunRecipe("alone", Recipe, ["--threads", "1", "--jobs", "1", .. Short]);
        var ratios = new List<double>();
        Console.WriteLine(
            "| 4 seeds, control and student, 2 epochs | side by side, s | one after another on 2 threads, s "
            + "| times as fast |");
        Console.WriteLine("| --- | ---: | ---: | ---: |");
        for (var i = 0; i < Rounds; i++)
        {
            var a = TrainAgain(beside, "--threads", "1", "--jobs", "2");
            var b = TrainAgain(after, "--threads", "2", "--jobs", "1");
            ratios.Add(b / a);
            Console.WriteLine(FormattableString.Invariant($"| round {i + 1} | {a:F1} | {b:F1} | {b / a:F2} |"));
        }

        var result = AreEqual(beside, alone)
            ? "bit for bit what one process gives with --threads 1"
            : "NOT the bits that one process gives with --threads 1";
        Console.WriteLine(FormattableString.Invariant($"median {ratios.Median():F2}; {result}"));
        return 0;
    }

    /// <summary>Trains all controls and students again, and returns the seconds.</summary>
    static double TrainAgain(string run, params string[] options)
    {
        foreach (var network in Networks(run)) Directory.Delete(network, recursive: true);
        File.Delete(Path.Combine(run, "results.json"));
        return RunFolders.Seconds(() =>
            RunFolders.Retort(["run", Recipe, "--out", run, "--resume", "--quiet", .. Short, .. options]));
    }

    static IEnumerable<string> Networks(string run) => Directory.GetDirectories(Path.Combine(run, "networks"))
        .Where(folder => Path.GetFileName(folder) != "teacher")
        .Order();

    static bool AreEqual(string a, string b) => Networks(a).Zip(Networks(b)).All(pair => Files.All(file =>
        Read(pair.First, file).AsSpan().SequenceEqual(Read(pair.Second, file))));

    static byte[] Read(string network, string file) =>
        File.ReadAllBytes(Path.Combine(network, file + ".safetensors"));
}
