using System.IO.Compression;
using System.Text.Json;
using MathNet.Numerics.Statistics;
using Retort.Data;
using Retort.Runtime.Features.Text;

namespace Retort.Benchmarks;

/// <summary>
/// Sentences a second that <see cref="WordPieceTokenizer"/> encodes with the vocabulary of all-MiniLM-L6-v2: 10,000
/// film reviews and questions, 96 letters and 21 tokens on average, into buffers of 128 tokens.
/// </summary>
static class TokenizerCalls
{
    const int Rounds = 7;
    const int Sentences = 10_000;
    const int MaxTokens = 128;
    const double Goal = 200_000;                                           // sentences a second on two threads

    public static int Run()
    {
        var folder = Path.Combine(CacheFolders.Data, "minilm");
        var reference = Path.Combine(folder, "wordpiece.jsonl.gz");
        if (!File.Exists(reference))
        {
            Console.Error.WriteLine($"SKIPPED: {reference} does not exist; RETORT_DATA can name the folder of minilm.");
            return 2;
        }
        var tokenizer = WordPieceTokenizer.Open(folder);
        var texts = Read(reference);
        Console.WriteLine("| threads | sentences a second (min–max of rounds) |");
        Console.WriteLine("| ---: | ---: |");
        var reached = 0.0;
        foreach (var threads in (int[])[1, 2])
        {
            Encode(tokenizer, texts, threads);                             // warm-up
            var speeds = Enumerable.Range(0, Rounds)
                .Select(_ => threads * texts.Length / RunFolders.Seconds(() => Encode(tokenizer, texts, threads)))
                .ToList();
            reached = speeds.Median();
            Console.WriteLine(FormattableString.Invariant(
                $"| {threads} | {reached:N0} ({speeds.Min():N0}–{speeds.Max():N0}) |"));
        }
        return reached >= Goal ? 0 : 1;
    }

    static void Encode(WordPieceTokenizer tokenizer, string[] texts, int threads) =>
        Parallel.For(0, threads, new() { MaxDegreeOfParallelism = threads }, _ =>
        {
            var (ids, types) = (new long[MaxTokens], new long[MaxTokens]);
            foreach (var text in texts) tokenizer.Encode(text, null, ids, types);
        });

    static string[] Read(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var texts = new List<string>();
        while (texts.Count < Sentences && reader.ReadLine() is { } line)
        {
            using var sentence = JsonDocument.Parse(line);
            texts.Add(sentence.RootElement.GetProperty("text").GetString()!);
        }
        return [.. texts];
    }
}
