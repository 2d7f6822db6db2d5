using Retort.Data.Audio;
using Retort.Tests.Runtime.Audio;

namespace Retort.Tests.Data;

/// <summary>Sound that is published in folds: ESC-50, ESC-10 and UrbanSound8K.</summary>
public sealed class AudioFoldTests
{
    [Fact]
    public void The_folds_of_ESC_50_are_splits_and_its_table_names_the_classes()
    {
        var files = Esc50();
        var data = new AudioFolderOptions { Path = DataFiles.OnDisk(files) }.Open();
        Assert.Equal(["dog", "door knock"], data.Info.Classes);
        Assert.Equal((6, 2, 2), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal(["fold 5 is the test split, fold 4 the validation split"], data.Notes);
        var other = new AudioFolderOptions { Path = DataFiles.OnDisk(files), TestFold = 1 }.Open();
        Assert.Equal(["fold 1 is the test split, fold 5 the validation split"], other.Notes);
        Assert.NotEqual(data.Hash, other.Hash);
        files.Remove("meta/esc50.csv");
        Assert.Equal(["0", "30"], new AudioFolderOptions { Path = DataFiles.OnDisk(files) }.Open().Info.Classes);
    }

    [Fact]
    public void The_folders_of_UrbanSound8K_are_folds()
    {
        var files = new Dictionary<string, byte[]>();
        var table = "slice_file_name,fsID,start,end,salience,fold,classID,class\n";
        for (var fold = 1; fold <= 10; fold++)
            foreach (var kind in new[] { 1, 3 })
            {
                files[$"audio/fold{fold}/{100 + fold}-{kind}-0-2.wav"] = Wav.Tone(300 * kind, 1);
                table += FormattableString.Invariant(
                    $"{100 + fold}-{kind}-0-2.wav,{fold},0,1,1,{fold},{kind},{(kind == 1 ? "car_horn" : "bark")}\n");
            }
        files["metadata/UrbanSound8K.csv"] = System.Text.Encoding.UTF8.GetBytes(table);
        var options = new AudioFolderOptions { Path = DataFiles.OnDisk(files), TestFold = 10, ValidationFold = 3 };
        var data = options.Open();
        Assert.Equal(["car_horn", "bark"], data.Info.Classes);
        Assert.Equal((16, 2, 2), (data.Training.Count, data.Validation.Count, data.Test.Count));
    }

    [Fact]
    public void The_folds_of_ESC_10_are_in_the_names_of_the_files()
    {
        var files = new Dictionary<string, byte[]>();
        for (var fold = 1; fold <= 5; fold++)
            foreach (var name in new[] { "001 - Dog bark", "002 - Rain" })
                files[$"{name}/{fold}-{1000 + fold}-A.wav"] = Wav.Tone(300, 1);
        var data = new AudioFolderOptions { Path = DataFiles.OnDisk(files), TestFold = 2 }.Open();
        Assert.Equal(["001 - Dog bark", "002 - Rain"], data.Info.Classes);
        Assert.Equal(["fold 2 is the test split, fold 1 the validation split"], data.Notes);
    }

    [Fact]
    public void A_fold_that_is_not_there_is_refused()
    {
        var options = new AudioFolderOptions { Path = DataFiles.OnDisk(Esc50()) };
        Refused(options with { TestFold = 6 },
            "has no fold 6, which \"testFold\" names; it has the folds 1, 2, 3, 4, 5.");
        Refused(options with { ValidationFold = 9 }, "has no fold 9, which \"validationFold\" names");
        Refused(options with { Validation = 0.1 }, "brings 2 validation examples of its own");
        var folders = new AudioFolderOptions { Path = DataFiles.OnDisk(AudioFolderTests.Tones()), TestFold = 1 };
        Refused(folders, "has no folds, which \"testFold\" and \"validationFold\" name");
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            (options with { TestFold = 2, ValidationFold = 2 }).Open);
        Assert.Contains("must be another fold than \"testFold\"; both are 2.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audio/copy.wav", "audio/copy.wav must be named as the files of ESC-50, with its fold, since audio/1-")]
    [InlineData("other/copy.wav", "other/copy.wav must be named as the files of ESC-10, with its fold, since audio/1-")]
    [InlineData("audio/fold1/9-1-0-2.wav", "audio/1-101-A-0.wav must be named as the files of UrbanSound8K")]
    public void Folds_that_only_some_names_have_are_refused(string name, string message)
    {
        var files = Esc50();
        files[name] = Wav.Tone(300, 1);
        Refused(new() { Path = DataFiles.OnDisk(files) }, message);
    }

    [Fact]
    public void Clips_of_ESC_50_in_class_folders_have_the_classes_of_the_folders_and_their_folds()
    {
        var files = InFolders(name => name.Contains("-30.", StringComparison.Ordinal) ? "indoor" : "outdoor");
        var data = new AudioFolderOptions { Path = DataFiles.OnDisk(files) }.Open();
        Assert.Equal(["indoor", "outdoor"], data.Info.Classes);
        Assert.Equal(["fold 5 is the test split, fold 4 the validation split"], data.Notes);
    }

    [Fact]
    public void Clips_of_ESC_50_in_folders_of_splits_keep_those_splits()
    {
        var files = InFolders(name => (name[0] == '1' ? "test/" : "train/")
            + (name.Contains("-30.", StringComparison.Ordinal) ? "indoor" : "outdoor"));
        var data = new AudioFolderOptions { Path = DataFiles.OnDisk(files), Validation = 2 }.Open();
        Assert.Equal(["indoor", "outdoor"], data.Info.Classes);
        Assert.Equal((6, 2, 2), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Empty(data.Notes);
    }

    [Fact]
    public void Digits_of_other_scripts_are_no_folds()
    {
        var files = AudioFolderTests.Tones();
        files["low/\u0661-137-A.wav"] = Wav.Tone(300, 1);
        Assert.Empty(new AudioFolderOptions { Path = DataFiles.OnDisk(files) }.Open().Notes);
    }

    static Dictionary<string, byte[]> InFolders(Func<string, string> folderOf) => Esc50()
        .Where(file => file.Key.StartsWith("audio/", StringComparison.Ordinal))
        .Select(file => (Name: file.Key["audio/".Length..], Content: file.Value))
        .ToDictionary(file => $"{folderOf(file.Name)}/{file.Name}", file => file.Content);

    [Theory]
    [InlineData("filename,fold,target\n", "must have a column \"category\"; it has filename, fold, target.")]
    [InlineData("target,category\n0,dog,1\n", "line 2 must have 2 fields as the first line; it has 3.")]
    [InlineData("target,category\nx,dog\n", "line 2: \"target\" must be a number of a class; it is \"x\".")]
    [InlineData("target,category\n0,dog\n0,cat\n", "class 0 must have one name; it has \"dog\" and \"cat\".")]
    [InlineData("target,category\n0,dog\n30,dog\n", "class 30 must have a name of its own; \"dog\" is that of class")]
    [InlineData("target,category\n0,dog\n1,cat\n", "esc50.csv must have a name of class 30, which is in the names of")]
    [InlineData("target,category\n0,d\u00f6g\n", "esc50.csv must be text in UTF-8; the bytes F6 are not.")]
    public void A_table_that_does_not_name_the_classes_is_refused(string table, string message)
    {
        var files = Esc50();
        files["meta/esc50.csv"] = System.Text.Encoding.Latin1.GetBytes(table);
        Refused(new() { Path = DataFiles.OnDisk(files) }, message);
    }

    static Dictionary<string, byte[]> Esc50()
    {
        var table = "filename,fold,target,category,esc10,src_file,take\n";
        var files = new Dictionary<string, byte[]>();
        for (var fold = 1; fold <= 5; fold++)
            foreach (var (target, name) in new[] { (0, "dog"), (30, "door knock") })
            {
                var file = FormattableString.Invariant($"{fold}-{100 + fold}-A-{target}.wav");
                files["audio/" + file] = Wav.Tone(300 + 100 * fold, 1);
                table += FormattableString.Invariant($"{file},{fold},{target},{name},False,{100 + fold},A\n");
            }
        files["meta/esc50.csv"] = System.Text.Encoding.UTF8.GetBytes(table);
        return files;
    }

    static void Refused(AudioFolderOptions options, string message) => Assert.Contains(
        message, Assert.Throws<InvalidDataException>(options.Open).Message, StringComparison.Ordinal);
}
