using Retort.Studies.Fidelity;
using Retort.Tests.Recipes;
using static Retort.Tests.Studies.FidelityStudyTests;

namespace Retort.Tests.Studies;

/// <summary>Studies that cannot be planned, run or read.</summary>
public sealed class FidelityRefusalTests
{
    [Theory]
    [InlineData("seeds=1", "seeds must be at least 2, since each seed's control is the next one's student; it is 1.")]
    [InlineData("claims.0.name=member", "claims.0.name \"member\" is not known; did you mean \"members\"?")]
    [InlineData("claims.0.setting=tinny", "F4 is to be run in the setting \"tinny\"; did you mean \"tiny\"?")]
    [InlineData("claims.1.name=members", "claims.1.shares is not known here; ")]
    [InlineData("claims.1.shares=[0.5,0]", "claims.1.shares must be rising, and 0.5 comes before; it is 0.")]
    [InlineData(
        "settings.tiny.network.name=mlq", "settings.tiny.network.name \"mlq\" is not known; did you mean \"mlp\"?")]
    [InlineData(
        "claims.1.shares=[0,0.25]",
        "tiny.json: F10 cannot be judged: shares must have 0 and one from the edge of .5 to below 1; they are [0, "
        + ".25].")]
    [InlineData(
        "claims.1.shares=[0,1]",
        "tiny.json: F10 cannot be judged: shares must have 0 and one from the edge of .5 to below 1; they are [0, 1].")]
    [InlineData(
        "claims.1.shares=[0.5,1]",
        "tiny.json: F10 cannot be judged: shares must have 0 and one from the edge of .5 to below 1; they are [.5, "
        + "1].")]
    [InlineData("claims.1.plane=1", "claims.1.plane must be at least 2; it is 1.")]
    [InlineData(
        "claims.0.members=[1]",
        "tiny.json: F4 cannot be judged: members must be at least 2 numbers, rising; they are [1].")]
    [InlineData(
        "claims.0={\"name\":\"easy-case\",\"setting\":\"tiny\",\"sizes\":[8,64]}",
        "F1 cannot be judged: sizes must begin with the teacher's examples, the setting's labelledExamples; they begin "
        + "with 8.")]
    [InlineData(
        "claims.0={\"name\":\"easy-case\",\"setting\":\"tiny\",\"sizes\":[16,32]}",
        "F1 cannot be judged: sizes must rise to at least three times the first; they are [16, 32].")]
    [InlineData(
        "claims.0={\"name\":\"tension\",\"setting\":\"tiny\",\"policies\":[{\"title\":\"all\"}]}",
        "claims.0.policies must be at least 2, since the others are compared with the first; they are 1.")]
    [InlineData(
        "claims.0={\"name\":\"calibration\",\"setting\":\"tiny\",\"members\":[1,3]}",
        "claims.0.members must be at least 2; it is 1.")]
    [InlineData(
        "claims.0={\"name\":\"temperature\",\"setting\":\"tiny\",\"temperatures\":[0]}",
        "claims.0.temperatures must be greater than 0; it is 0.")]
    [InlineData(
        "claims.0={\"name\":\"temperature\",\"setting\":\"tiny\",\"temperatures\":[1,4]}",
        "F5 cannot be judged: temperatures must have 1, 4 and one above 4; they are [1, 4].")]
    [InlineData(
        "claims.0={\"name\":\"policies\",\"setting\":\"tiny\",\"baseline\":{\"title\":\"all\"},"
        + "\"policies\":[{\"title\":\"few\",\"examples\":8}]}",
        "F6 cannot be judged: policies must have one that is natural and one with \"unnatural\": true, since the claim "
        + "speaks of both.")]
    [InlineData(
        "claims.0={\"name\":\"longer-training\",\"setting\":\"tiny\","
        + "\"variants\":[{\"title\":\"SGD\"},{\"title\":\"longer\",\"longer\":3}]}",
        "F9 cannot be judged: variants must have one with another optimizer than the setting's.")]
    [InlineData(
        "claims.0={\"name\":\"longer-training\",\"setting\":\"tiny\","
        + "\"variants\":[{\"title\":\"SGD\"},{\"title\":\"Adam\",\"optimizer\":{\"name\":\"adam\"}}]}",
        "F9 cannot be judged: variants must have one that is longer than the first.")]
    [InlineData(
        "claims.0={\"name\":\"capacity\",\"setting\":\"tiny\"}",
        "F12 cannot be judged: students must have one that is larger than the setting's; it is empty.")]
    [InlineData("study=infidelity", "study must be one of \"fidelity\"; it is \"infidelity\".")]
    public void An_invalid_study_is_refused_in_one_sentence(string setting, string sentence) =>
        Assert.Contains(
            sentence,
            Assert.Throws<InvalidDataException>(() => FidelityRecipe.Parse(Text, "tiny.json", setting)).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(
        "settings.tiny.student={\"name\":\"mlp\",\"hidden\":[9],\"norm\":\"layer\"}",
        "tiny: F10, \"λ .5\": A student can begin near its teacher only where both are the same architecture; the "
        + "teacher has no 'layers.0.weight' of [9, 784].")]
    [InlineData(
        "settings.tiny.network={\"name\":\"convnet\",\"widths\":[2]}",
        "tiny: F10, \"λ .5\": A student can begin near its teacher only where weights are all there is; this network "
        + "keeps 'blocks.0.norm.running_mean' besides: choose one with layer normalization or with none.")]
    [InlineData(
        "claims=[{\"name\":\"capacity\",\"setting\":\"tiny\","
        + "\"students\":[{\"title\":\"narrow\",\"network\":{\"name\":\"mlp\",\"hidden\":[4]}}]}]",
        "tiny: F12 cannot be judged: none of its students has more parameters than the setting's.")]
    [InlineData("settings.tiny.labelledExamples=100", "toy has 64 training examples; a step of this study wants 100.")]
    [InlineData(
        "settings.tiny.augmentation=[{\"name\":\"flip\"}]",
        "toy is computed, not read from files, and has no augmentation: the settings and policies of its study must "
        + "have none.")]
    public void What_the_data_lacks_is_reported_before_anything_is_trained(string setting, string sentence)
    {
        var folder = TestRuns.Folder();
        var error = Assert.Throws<InvalidDataException>(() => FidelityStudy.Run(
            FidelityRecipe.Parse(Text, "tiny.json", setting), new() { Folder = folder }));
        Assert.Equal(sentence, error.Message);
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("rows.jsonl", "^.*rows.jsonl, line 1 does not describe a row of a study: .+figures")]
    [InlineData("plane.json", "^.*plane.json does not describe the plane of a loss: it must have two lengths")]
    [InlineData("results.json", "^.*results.json does not describe a study's results: ")]
    public void A_broken_file_of_a_study_is_named(string file, string sentence)
    {
        var folder = TestRuns.Folder();
        FidelityStudy.Run(
            FidelityRecipe.Parse(Text, "tiny.json", "claims.1.shares=[0,0.5]", "claims.1.plane=2"),
            new() { Folder = folder });
        var path = Path.Combine(folder, file);
        File.WriteAllText(path, file switch
        {
            "rows.jsonl" => "{\"claim\":\"F4\",\"arm\":\"1\",\"x\":1,\"seed\":1,"
                + "\"student\":\"s\",\"teachers\":[],\"figures\":null}\n",
            "plane.json" => File.ReadAllText(path)
                .Replace("\"lengths\":[", "\"lengths\":[1,", StringComparison.Ordinal),
            _ => "{}",
        });
        var error = Assert.Throws<InvalidDataException>(
            () => _ = file == "results.json" ? FidelityStudy.Read(path) : FidelityStudy.Report(folder));
        Assert.Matches(sentence, error.Message);
    }
}
