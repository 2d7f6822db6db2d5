using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Runtime;
using Retort.Runtime.Knowledge;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort index</c>: describes a knowledge base, or writes a copy with keys of another type.</summary>
static class Index
{
    public static Command Command()
    {
        var source = new Argument<string>("BASE")
        {
            Description = "A knowledge base, or the folder of a student that has one.",
        };
        var type = SharedOptions.Choice(
            "--type", "Writes a copy with keys of this type; needs --out.", "float32", "float16", "int8");
        var target = SharedOptions.Text("--out", "file", "The file of the copy; it must not exist.");
        var without = SharedOptions.Texts(
            "--without", "id", "The id of an example whose rows the copy leaves out; may be repeated.");
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "index",
            "Shows what a student's knowledge base holds, or writes a copy with smaller keys or fewer rows.",
            "retort index runs/clusters/export/student-seed1",
            "retort index students/questions --type int8 --out students/questions/smaller.base")
        {
            source, type, target, without, json,
        };
        command.SetAction(result =>
        {
            var path = FileOf(result.GetRequiredValue(source));
            var copy = result.GetValue(target);
            var ids = (result.GetValue(without) ?? []).Select(IdOf).ToList();
            var wanted = result.GetValue(type) is { } name ? Enum.Parse<KeyType>(name, ignoreCase: true) : (KeyType?)null;
            if (copy is null && (wanted is not null || ids.Count > 0)) throw new InvalidOperationException(
                "index changes no file: name one for the copy with --out.");

            if (copy is not null) Copy(path, copy, wanted, ids);
            using var knowledge = KnowledgeBase.Open(copy ?? path);
            var output = result.InvocationConfiguration.Output;
            output.Write(result.GetValue(json) ? JsonSerializer.Serialize(Description.Of(knowledge), Json.Indented) + "\n"
                : Text(Description.Of(knowledge)));
            return 0;
        });
        return command;
    }

    static string FileOf(string path) => Directory.Exists(path) ? Path.Combine(path, RetrievalStudent.FileName) : path;

    static long IdOf(string text) => long.TryParse(
            text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id) ? id
        : throw new InvalidOperationException($"--without must be an example's id, a whole number; it is \"{text}\".");

    static void Copy(string path, string copy, KeyType? type, List<long> without)
    {
        if (Path.Exists(copy)) throw new InvalidOperationException(
            $"{copy} is there already: choose another file with --out, or remove it first.");
        KnowledgeBaseBuilder builder;
        using (var knowledge = KnowledgeBase.Open(path)) builder = KnowledgeBaseBuilder.From(knowledge, type);
        builder.Without(without).Write(copy);
    }

    static string Text(Description found)
    {
        string[][] rows =
        [
            ["file", found.Path],
            ["bytes", NumberFormat.Count(found.Bytes)],
            ["rows", NumberFormat.Count(found.Rows)],
            ["keys", Invariant($"{found.Width} numbers, {found.KeyType}")],
            ["classes", Invariant($"{found.Classes}")],
            ["texts", found.HasTexts ? "yes" : "no"],
            ["neighbors (k)", Invariant($"{found.Neighbors}")],
            ["weight (β)", Invariant($"{found.Weight}")],
            ["temperature (τ)", Invariant($"{found.Temperature}")],
            ["student's weights", $"SHA-256 {found.StudentHash}"],
        ];
        return string.Join('\n', PlainTable.Lines(["", ""], 2, rows).Skip(1)) + "\n";
    }

    sealed record Description(string Path, long Bytes, int Rows, int Width, string KeyType, int Classes, bool HasTexts,
        int Neighbors, double Weight, double Temperature, string StudentHash)
    {
        public static Description Of(KnowledgeBase knowledge) => new(
            knowledge.Path, knowledge.Bytes, knowledge.Rows, knowledge.Width,
            knowledge.KeyType.ToString().ToLowerInvariant(), knowledge.Classes, knowledge.HasTexts,
            knowledge.Settings.Neighbors, knowledge.Settings.Weight, knowledge.Settings.Temperature,
            knowledge.StudentHash);
    }
}
