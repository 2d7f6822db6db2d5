using System.Text;
using Retort.Data.Text;
using Retort.Runtime.Features.Text;
using SkiaSharp;

namespace Retort.Fire.Damage;

/// <summary>Readers of what texts need.</summary>
static class TextReaders
{
    /// <summary>A tokenizer's folder, and a text encoded with it.</summary>
    public static Reader Tokenizer(string folder)
    {
        string[] vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "un", "##aff", "##able", "东", "é"];
        var settings = new WordPieceSettings { AdditionalSpecialTokens = ["the"], ModelMaxLength = 128 };
        var files = new WordPieceTokenizer(vocabulary, settings).Files();
        return new()
        {
            Name = "tokenizer",
            Folder = folder,
            Targets =
            [
                .. files.Take(3).Select(file => new Target(
                    Path.Combine(folder, file.Name),
                    file.Name.EndsWith(".json", StringComparison.Ordinal) ? JsonDamage.Change : Lines,
                    file.Content)),
            ],
            Read = () => WordPieceTokenizer.Open(folder).Encode("The unaffable [MASK] 东京", "é", 16),
        };
    }

    /// <summary>Questions about images in the layout of easy-VQA.</summary>
    public static Reader Questions(string folder)
    {
        using var bitmap = new SKBitmap(4, 4);
        using var image = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        foreach (var i in Enumerable.Range(0, 4))
        {
            var file = Path.Combine(folder, "train", "images", $"{i}.png");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, image.ToArray());
        }
        var questions = Enumerable.Range(0, 20).Select(i => $"[\"is it {i % 3}?\", \"{i % 2}\", {i % 4}]");
        return new()
        {
            Name = "questions",
            Folder = folder,
            Targets =
            [
                new Target(Path.Combine(folder, "train", "questions.json"), JsonDamage.Change,
                    Encoding.UTF8.GetBytes($"[{string.Join(", ", questions)}]")),
            ],
            Read = () => new VisualQuestionOptions { Path = folder, MemoryLimit = 2 }.Open(),
        };
    }

    static byte[] Lines(byte[] whole, Random random)
    {
        var lines = Encoding.UTF8.GetString(whole).Split('\n').ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            if (random.Next(4) == 0) random.Shuffled(lines);
            else lines[random.Next(lines.Count)] = OddValues.Text(random);
        }
        return Encoding.UTF8.GetBytes(string.Join(random.Next(4) == 0 ? "\r\n" : "\n", lines));
    }
}
