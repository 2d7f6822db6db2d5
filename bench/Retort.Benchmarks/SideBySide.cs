using MathNet.Numerics.Statistics;

namespace Retort.Benchmarks;

/// <summary>
/// Four seeds of the recipe mnist-kd (each a control and a student) in child processes of one thread each, against one after another on two
/// threads; the bits are held against one after another on one thread.
/// </summary>
static class SideBySide
{
    const int Rounds = 2;
    static readonly string Recipe = Path.Combine(Path.GetDirectoryName(Peer.Folder)!, "..", "recipes", "mnist-kd.json");

    // less of the recipe's searching and waiting: two of five epochs
    static readonly string[] Short = ["--seeds", "4", "--set", "tuning=null", "--set", "training.epochs=2", "--set", "teacher.training.epochs=1"];
    static readonly string[] Files = ["model", "last", "predictions"];

    public static int Run()
    {
        if (Folders.Mnist() is null) return Folders.NoMnist();
        using var work = new Folders();
        var beside = work.Prepare("beside", Recipe, ["--threads", "1", "--jobs", "2", .. Short]);
        var after = work.Prepare("after", Recipe, ["--threads", "2", "--jobs", "1", .. Short]);
        var alone = work.Prepare("alone", Recipe, ["--threads", "1", "--jobs", "1", .. Short]);
        var ratios = new List<double>();
        Console.WriteLine("| 4 seeds, control and student, 2 epochs | side by side, s | one after another on 2 threads, s | times as fast |");
        Console.WriteLine("| --- | ---: | ---: | ---: |");
        for (var i = 0; i < Rounds; i++)
        {
            var a = Again(beside, "--threads", "1", "--jobs", "2");
            var b = Again(after, "--threads", "2", "--jobs", "1");
            ratios.Add(b / a);
            Console.WriteLine(FormattableString.Invariant($"| round {i + 1} | {a:F1} | {b:F1} | {b / a:F2} |"));
        }
        Console.WriteLine(FormattableString.Invariant($"median {ratios.Median():F2}; {Same(beside, alone)}"));
        return 0;
    }

    /// <summary>Seconds of all pairs, the teacher given.</summary>
    static double Again(string run, params string[] options)
    {
        foreach (var part in Pairs(run)) Directory.Delete(part, recursive: true);
        File.Delete(Path.Combine(run, "results.json"));
        return Folders.Timed(() => Folders.Retort(["run", Recipe, "--out", run, "--resume", "--quiet", .. Short, .. options]));
    }

    static IEnumerable<string> Pairs(string run) =>
        Directory.GetDirectories(Path.Combine(run, "networks")).Where(part => Path.GetFileName(part) != "teacher").Order();

    static string Same(string a, string b) => Pairs(a).Zip(Pairs(b)).All(pair => Files.All(file =>
            File.ReadAllBytes(Path.Combine(pair.First, file + ".safetensors")).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(pair.Second, file + ".safetensors")))))
        ? "bit for bit what one process gives with --threads 1"
        : "NOT the bits that one process gives with --threads 1";
}
