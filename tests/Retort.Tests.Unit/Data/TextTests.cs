using System.Text;
using Retort.Data;
using Retort.Data.Text;

namespace Retort.Tests.Data;

/// <summary>Texts in each format, and what is refused of them.</summary>
public sealed class TextTests
{
    const string Lines = "good a fine day\nbad an awful night\ngood the best of all\nbad the worst of all\n"
        + "good what a treat\nbad what a pity\ngood so much joy\nbad so much grief\ngood well done\nbad badly done\n";

    [Fact]
    public void Labelled_lines_have_classes_and_token_ids()
    {
        var data = Open("set.txt", Lines);
        Assert.Equal(["bad", "good"], data.Info.Classes);
        Assert.Equal((7, 1, 2), (data.Training.Count, data.Validation.Count, data.Test.Count));
        var ids = Load(data.Training, "input_ids", 0, 1);
        var mask = Load(data.Training, "attention_mask", 0, 1);
        Assert.Equal(ids.Length, mask.Length);
        Assert.All(ids.Zip(mask), pair => Assert.Equal(pair.Second == 0, pair.First == 0));    // [PAD] is 0
        Assert.True(data.Info.Input("input_ids")!.Vocabulary > ids.Max());
    }

    [Theory] // the same examples give the same hash, whatever the format
    [InlineData("set.csv", "text,label\n\"a, \"\"b\"\"\nc\",x\nd,y\n")]
    [InlineData("set.jsonl", "{\"text\":\"a, \\\"b\\\"\\nc\",\"label\":\"x\"}\n{\"text\":\"d\",\"label\":\"y\"}\n")]
    public void Formats_with_quoted_line_ends(string file, string text)
    {
        var examples = Read(file, text);
        Assert.Equal(["a, \"b\"\nc", "d"], examples.Rows.Select(row => row.Text));
        Assert.Equal(["x", "y"], examples.Classes);
    }

    [Fact] // quotes are text, as in GLUE's files
    public void Tabs_separate_without_quoting()
    {
        var examples = Read("set.tsv", "sentence\tlabel\n\" he said\t0\nshe said \"no\"\t1\n");
        Assert.Equal(["\" he said", "she said \"no\""], examples.Rows.Select(row => row.Text));
    }

    [Fact]
    public void Pairs_have_token_types()
    {
        var pairs = string.Concat(Enumerable.Range(0, 10).Select(i => $"a{i} b,c d e,{i % 2}\n"));
        var options = new TextOptions { Path = At("set.csv", "text,other,label\n" + pairs), SecondText = "other" };
        var data = options.Open();
        var types = Load(data.Training, "token_type_ids", 0);
        var ids = Load(data.Training, "input_ids", 0);
        var separator = ids[^1];                                            // [CLS] a b [SEP] c d e [SEP]
        Assert.Equal(2, ids.Count(id => id == separator));
        Assert.Equal(Array.IndexOf(ids, separator) + 1, Array.IndexOf(types, 1L));
        Assert.Equal(["text", "other"], data.Info.Columns!);
    }

    [Fact]
    public void Values_are_targets_of_a_regression()
    {
        var rows = string.Concat(Enumerable.Range(0, 10).Select(i => $"a text {i},{i / 2.0}\n"));
        var data = new TextOptions { Path = At("set.csv", "text,score\n" + rows), Value = "score" }.Open();
        Assert.Equal((TargetKind.Values, "score"), (data.Info.Targets, data.Info.Classes[0]));
        var batch = new HostBatch();
        data.Training.Load([0], View.Plain, batch);
        Assert.Equal(batch.Ids[0] / 2f, batch.KnownTargets[0]);
    }

    [Fact]
    public void Texts_without_labels_are_for_the_student_alone()
    {
        var unlabelled = At("more.txt", "another day\nanother night\n");
        var data = new TextOptions { Path = At("set.txt", Lines), Unlabelled = unlabelled }.Open();
        Assert.Equal((9, 7, 7), (data.Training.Count, data.Labelled.Count, data.TeacherTraining.Count));
        var batch = new HostBatch();
        data.Training.Load([7, 8], View.Plain, batch);
        Assert.Equal([-1L, -1L], batch.Labels.ToArray());
    }

    [Fact] // validation and test words are unknown to it
    public void The_vocabulary_is_learned_from_the_training_split()
    {
        var data = new TextOptions
        {
            Path = At("set.txt", Lines), TestPath = At("test.txt", "good ω ω ω\n"), Validation = 2,
        }.Open();
        var ids = Load(data.Test, "input_ids", 0);
        Assert.Single(ids[1..^1].Distinct());                               // [UNK]
    }

    [Fact]
    public void Long_texts_are_cut_and_a_note_says_how_many()
    {
        var data = new TextOptions { Path = At("set.txt", Lines), MaxTokens = 5 }.Open();
        Assert.Contains("are longer than 5 tokens (maxTokens) and are cut", Assert.Single(data.Notes));
        Assert.All(Enumerable.Range(0, data.Training.Count), i => Assert.True(data.Training.LengthOf(i) <= 5));
    }

    [Fact]
    public void A_megabyte_in_one_line_is_an_example()
    {
        var data = Open("set.txt", Lines + $"good {new string('x', 1_000_000)}\nbad {new string('y', 5)} z\n");
        Assert.Equal(12, data.Training.Count + data.Validation.Count + data.Test.Count);
    }

    [Fact]
    public void A_control_character_in_a_text_is_left_out()
    {
        var plain = Open("set.jsonl", Json("a text"));
        var nul = Open("set.jsonl", Json("a\\u0000 text"));
        Assert.Equal(Ids(plain), Ids(nul));

        static string Json(string text) => string.Concat(
            Enumerable.Range(0, 10).Select(i => $"{{\"text\":\"{text}\",\"label\":{i % 2}}}\n"));

        static long[] Ids(Dataset data) => Load(data.Training, "input_ids", 0);
    }

    [Fact]
    public void Latin_1_is_read_when_it_is_named()
    {
        var path = At("set.txt", Encoding.Latin1.GetBytes(Lines + "good déjà vu\nbad là\n"));
        Assert.Contains("must be UTF-8", Refusal(new TextOptions { Path = path }));
        Assert.Equal(12, new TextOptions { Path = path, Encoding = TextFileEncoding.Latin1 }.Read().Count);
    }

    [Theory]
    [InlineData("set.txt", "good\n", "line 1: the line must have a label, a blank and a text; it has no blank.")]
    [InlineData("set.csv", "text,label\n,x\n", "line 2: the text is empty.")]
    [InlineData("set.csv", "text,label\na,\n", "line 2: the class is missing.")]
    [InlineData("set.csv", "text,label\na,NaN\n", "the class must not be missing; it is \"NaN\"")]
    [InlineData("set.csv", "text,label\na,b,c\n", "line 2: the line must have 2 columns; it has 3.")]
    [InlineData("set.csv", "text,label\n\"a,b\n", "line 2: a quoted field must end before the file does")]
    [InlineData("set.csv", "text,label\n\"a\" b,c\n", "line 2: a closing quote must be followed by a comma")]
    [InlineData("set.csv", "words,kind,label\na,b,c\n", "the option \"text\" must name the column of texts")]
    [InlineData("set.csv", "text,kind\na,b\n", "the label \"label\" must be one of 2 columns: text, kind.")]
    [InlineData("set.jsonl", "{\"text\":\"a\"}\n", "line 1: the label \"label\" is missing.")]
    [InlineData("set.jsonl", "{\"text\":\n", "line 1: the line must be a JSON object; it is damaged at character")]
    [InlineData("set.jsonl", "[1]\n", "line 1: the line must be a JSON object; it is array.")]
    [InlineData("set.jsonl", "{\"text\":3,\"label\":1}\n", "the text \"text\" must be a text; it is number.")]
    [InlineData("set.jsonl", "{\"text\":\"\\ud800\",\"label\":1}\n", "has an escape that is no character.")]
    [InlineData("set.jsonl", "\n\n", "holds no example.")]
    public void What_is_wrong_is_said_with_its_line(string file, string text, string message) =>
        Assert.Contains(message, Refusal(new TextOptions { Path = At(file, text) }));

    [Fact]
    public void A_test_class_that_training_does_not_have_is_refused() => Assert.Contains(
        "test example 1 is of class \"ugly\"; the classes of the training examples are bad, good.",
        Refusal(new TextOptions { Path = At("set.txt", Lines), TestPath = At("test.txt", "ugly a text\n") }));

    [Fact]
    public void A_file_of_two_splits_is_refused()
    {
        var path = At("set.txt", Lines);
        Assert.Contains("must be the file of one split", Refusal(new TextOptions { Path = path, TestPath = path }));
    }

    [Fact]
    public void A_vocabulary_without_room_for_the_characters_is_refused() => Assert.Contains(
        "The tokenizer \"learned\" cannot be made: The vocabulary must have room for",
        Refusal(new TextOptions
        {
            Path = At("set.txt", Lines), Tokenizer = new LearnedTokenizerOptions { Size = 16 },
        }));

    static Dataset Open(string file, string text) => new TextOptions { Path = At(file, text) }.Open();

    static TextExamples Read(string file, string text) =>
        (TextExamples)new TextOptions { Path = At(file, text) }.Read();

    static string Refusal(TextOptions options) =>
        Assert.ThrowsAny<InvalidDataException>(() => options.Open()).Message;

    static string At(string file, string text) => At(file, Encoding.UTF8.GetBytes(text));

    static string At(string file, byte[] content) =>
        Path.Combine(DataFiles.OnDisk(new Dictionary<string, byte[]> { [file] = content }), file);

    // an input of these examples, [B, T]
    static long[] Load(IDataSplit split, string input, params int[] positions)
    {
        var batch = new HostBatch();
        split.Load(positions, View.Plain, batch);
        return batch.Int64(input, [positions.Max(position => split.LengthOf(position)!.Value)]).ToArray();
    }
}
