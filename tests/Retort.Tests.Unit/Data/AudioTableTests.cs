using Retort.Data.Audio;
using Retort.Tests.Runtime.Audio;

namespace Retort.Tests.Data;

/// <summary>Sound with several labels, listed in a table as that of SONYC-UST.</summary>
public sealed class AudioTableTests
{
    const string Head = "split,audio_filename,annotator_id,1_engine,7_dog\n";

    [Fact]
    public void Labels_of_several_people_are_merged_and_splits_are_kept()
    {
        var options = Options(Head + "train,a.wav,1,1,0\ntrain,a.wav,2,0,-1\ntrain,b.wav,1,0,\ntrain,c.wav,1,0,1\n"
            + "validate,d.wav,0,1,1\ntest,e.wav,0,0,0\n");
        var data = options.Open();
        Assert.Equal(["1_engine", "7_dog"], data.Info.Classes);
        Assert.Equal(TargetKind.Labels, data.Info.Targets);
        Assert.Equal((9, 3, 3), (data.Training.Count, data.Validation.Count, data.Test.Count));
        var batch = new HostBatch();
        data.Training.Load([0, 3, 6], View.Plain, batch);                  // b of audio-0, then a and c
        Assert.Equal([0, float.NaN, 1, 0, 0, 1], batch.KnownTargets.ToArray());
    }

    [Fact]
    public void Known_labels_of_annotator_0_count_alone()
    {
        var data = Options(Head + "train,a.wav,7,1,1\ntrain,a.wav,0,0,-1\ntrain,b.wav,0,0,1\ntrain,b.wav,-3,1,0\n"
            + "train,c.wav,1,0,1\nvalidate,d.wav,0,1,1\ntest,e.wav,0,0,0\n").Open();
        var batch = new HostBatch();
        data.Training.Load([0, 3, 6], View.Plain, batch);                  // b of audio-0, then a and c
        Assert.Equal([0, 1, 0, 1, 0, 1], batch.KnownTargets.ToArray());
    }

    [Fact]
    public void The_memory_limit_holds_for_the_names_of_a_table()
    {
        var rows = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"train,{i}.wav,0,1,0\n"));
        var error = Assert.Throws<InvalidDataException>((Options(Head + rows) with { MemoryLimit = 1 }).Open);
        Assert.Contains("\"memoryLimit\" allows 1 MB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_column_of_splits_recordings_are_taken_out_whole()
    {
        var rows = string.Concat("abcde".Select(name => $"x,{name}.wav,0,1,0\n"));
        var data = (Options(Head + rows) with { SplitColumn = null, Test = 1, Validation = 1 }).Open();
        Assert.Equal((9, 3, 3), (data.Training.Count, data.Validation.Count, data.Test.Count));
    }

    [Theory]
    [InlineData("split,audio_filename,1_engine\n", "line 1: there must be a column \"7_dog\"; there are split, audio_")]
    [InlineData(Head + "train,a.wav,1\n", "line 2: there must be 5 fields as in the first line; there are 3.")]
    [InlineData(Head + "train,a.wav,1,2,0\n", "\"1_engine\" must be 1, 0, or -1 or empty where it is not known; it is")]
    [InlineData(Head + "later,a.wav,1,1,0\n", "line 2: the split must be train, validate or test; it is \"later\".")]
    [InlineData(Head + "train,a.wav,1,1,0\ntest,a.wav,1,1,0\n", "a.wav must be in one split; another line has it in")]
    [InlineData(Head + "train,f.wav,1,1,0\ntrain,g.wav,1,1,0\n", "not in its folder: f.wav, g.wav.")]
    [InlineData(Head, "must have a line for each recording; it has none.")]
    public void A_table_that_does_not_fit_is_refused(string table, string message) => Assert.Contains(
        message, Assert.Throws<InvalidDataException>(Options(table).Open).Message, StringComparison.Ordinal);

    static AudioTableOptions Options(string table)
    {
        var files = new Dictionary<string, byte[]> { ["annotations.csv"] = System.Text.Encoding.UTF8.GetBytes(table) };
        foreach (var name in "abcde") files[$"audio-{(int)name % 2}/{name}.wav"] = Wav.Tone(100 * (name - 'Z'), 2);
        return new()
        {
            Path = Path.Combine(DataFiles.OnDisk(files), "annotations.csv"), LabelColumns = ["1_engine", "7_dog"],
            SplitColumn = "split",
        };
    }
}
