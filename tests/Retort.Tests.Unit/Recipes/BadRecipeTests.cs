using System.Text;
using Retort.Recipes;

namespace Retort.Tests.Recipes;

/// <summary>What a person reads who got a recipe wrong: the whole sentence, for each way to be wrong.</summary>
public sealed class BadRecipeTests
{
    const string Good = """
        {
          // a comment, and a comma too many
          "data": { "name": "toy" },
          "student": { "name": "mlp", "hidden": [8, 4] },
          "method": {
            "name": "kd",
            "temperature": 4
          },
          "training": { "epochs": 2, },
        }
        """;

    [Fact]
    public void The_recipe_that_the_others_spoil_is_good() =>
        Assert.Equal(2, Recipe.Parse(Good, "r.json").Training.Epochs);

    [Theory]
    [InlineData(
        "\"temperature\"",
        "\"temprature\"",
        "r.json, line 7: method.temprature is not known here; did you mean \"temperature\"?")]
    [InlineData(
        "\"temperature\"",
        "\"Temperature\"",
        "r.json, line 7: method.Temperature is not known here; did you mean \"temperature\"?")]
    [InlineData(
        "\"temperature\"", "\"colour\"",
        "r.json, line 7: method.colour is not known here; known: name, temperature, softWeight.")]
    [InlineData(
        "\"training\"", "\"trainning\"", "r.json, line 9: trainning is not known here; did you mean \"training\"?")]
    [InlineData(
        "\"temperature\": 4",
        "\"temperature\": \"hot\"",
        "r.json, line 7: method.temperature must be a number; it is \"hot\".")]
    [InlineData(
        "\"temperature\": 4",
        "\"temperature\": \"4\"",
        "r.json, line 7: method.temperature must be a number; it is \"4\".")]
    [InlineData(
        "\"temperature\": 4",
        "\"temperature\": [4]",
        "r.json, line 7: method.temperature must be a number; it is a list.")]
    [InlineData(
        "\"temperature\": 4",
        "\"temperature\": null",
        "r.json, line 7: method.temperature must be a number; it is null.")]
    [InlineData(
        "\"temperature\": 4",
        "\"temperature\": 1e999",
        "r.json, line 7: method.temperature must be a finite number; it is 1e999.")]
    [InlineData(
        "\"temperature\": 4",
        "\"temperature\": -1",
        "r.json, line 7: method.temperature must be greater than 0; it is -1.")]
    [InlineData(
        "\"temperature\": 4",
        "\"softWeight\": 1.5",
        "r.json, line 7: method.softWeight must be between 0 and 1; it is 1.5.")]
    [InlineData(
        "\"epochs\": 2",
        "\"epochs\": 1.5",
        "r.json, line 9: training.epochs must be a whole number, without point or exponent; it is 1.5.")]
    [InlineData(
        "\"epochs\": 2",
        "\"epochs\": 3000000000",
        "r.json, line 9: training.epochs must be a whole number of at most nine digits; it is 3000000000.")]
    [InlineData("\"epochs\": 2", "\"epochs\": 0", "r.json, line 9: training.epochs must be at least 1; it is 0.")]
    [InlineData(
        "\"epochs\": 2", "\"epochs\": true", "r.json, line 9: training.epochs must be a whole number; it is true.")]
    [InlineData(
        "[8, 4]", "[8, 4.5]",
        "r.json, line 4: student.hidden.1 must be a whole number, without point or exponent; it is 4.5.")]
    [InlineData("[8, 4]", "[8, null]", "r.json, line 4: student.hidden.1 must be a whole number; it is null.")]
    [InlineData("[8, 4]", "[8, -4]", "r.json, line 4: student.hidden must be at least 1; it is -4.")]
    [InlineData("[8, 4]", "8", "r.json, line 4: student.hidden must be a list; it is 8.")]
    [InlineData("[8, 4]", "[]", "r.json, line 4: student.hidden must have at least one number; it is empty.")]
    [InlineData("\"kd\"", "\"kdd\"", "r.json, line 6: method.name \"kdd\" is not known; did you mean \"kd\"?")]
    [InlineData("\"kd\"", "3", "r.json, line 6: method.name must be text; it is 3.")]
    [InlineData("\"name\": \"toy\"", "", "r.json, line 3: data.name is missing; it must be one of {data}.")]
    [InlineData("{ \"name\": \"toy\" }", "\"toy\"", "r.json, line 3: data must be an object; it is \"toy\".")]
    [InlineData(
        "{ \"name\": \"toy\" }", "null",
        "r.json, line 3: data is missing; it must be an object whose \"name\" is one of {data}, or the recipe must "
            + "have an environment.")]
    [InlineData(
        "\"data\": { \"name\": \"toy\" },", "",
        "r.json, line 1: data is missing; it must be an object whose \"name\" is one of {data}, or the recipe must "
            + "have an environment.")]
    [InlineData(
        "\"data\"", "\"environment\": { \"name\": \"pendulum\" }, \"data\"",
        "r.json, line 3: environment must be left out where the recipe has data, or the data must.")]
    [InlineData(
        "\"data\"", "\"teacher\": { \"name\": \"trained\" }, \"data\"",
        "r.json, line 3: teacher.network is missing; it must be an object whose \"name\" is one of {models}.")]
    [InlineData(
        "\"temperature\": 4",
        "\"temperature\": 4, \"temperature\": 5",
        "r.json, line 7: method.temperature is given twice; it stands already at r.json, line 7.")]
    [InlineData(
        "\"training\"",
        "\"data\": 3, \"training\"",
        "r.json, line 9: data is given twice; it stands already at r.json, line 3.")]
    [InlineData(
        "\"temperature\": 4",
        "\"temperature\": NaN",
        "r.json, line 7: this is not JSON; 'N' is an invalid start of a value.")]
    [InlineData(
        "\"temperature\": 4",
        "\"temperature\" 4",
        "r.json, line 7: this is not JSON; '4' is invalid after a property name, expected a ':'.")]
    [InlineData(
        "\"temperature\": 4",
        "temperature: 4",
        "r.json, line 7: this is not JSON; 't' is an invalid start of a property name, expected a '\"'.")]
    [InlineData(
        "\"epochs\": 2, },\n}",
        "\"epochs\": 2, },\n} {",
        "r.json, line 10: this is not JSON; '{' is invalid after a single JSON value, expected end of data.")]
    [InlineData(
        "\"temperature\": 4", "\"te\\ud800\": 4", "r.json, line 7: method has a \\u escape that is no character.")]
    public void A_message_has_the_place_the_rule_and_the_value(string part, string instead, string sentence)
    {
        Assert.Contains(part, Good, StringComparison.Ordinal);
        Assert.Equal(Expected(sentence), Refusal(Good.Replace(part, instead, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", "r.json is empty; a recipe is one JSON object.")]
    [InlineData(" \n\t", "r.json is empty; a recipe is one JSON object.")]
    [InlineData("// nothing\n", "r.json has nothing but comments; a recipe is one JSON object.")]
    [InlineData("[]", "r.json, line 1: a recipe must be an object; it is a list.")]
    [InlineData("\n\n\"kd\"", "r.json, line 3: a recipe must be an object; it is \"kd\".")]
    [InlineData("null", "r.json, line 1: a recipe must be an object; it is null.")]
    [InlineData("{\n\"data\": {", "r.json, line 2: this is not JSON; the text ends in the middle.")]
    [InlineData("{\n\"da", "r.json, line 2: this is not JSON; the text ends in the middle.")]
    [InlineData("{ \"$schema\": 3 }", "r.json, line 1: $schema must be text; it is 3.")]
    public void A_text_that_is_no_recipe(string text, string sentence) =>
        Assert.Equal(Expected(sentence), Refusal(text));

    [Fact]
    public void Ten_thousand_brackets_are_refused_at_the_thirty_third() => Assert.Equal(
        "r.json, line 1: objects and lists stand inside each other deeper than 32 levels.",
        Refusal("{\"data\":" + new string('[', 10_000))[..80]);

    [Fact]
    public void Bytes_that_are_not_utf8()
    {
        var file = Path.Combine(Contract.Few.Folder(), "latin.json");
        File.WriteAllBytes(file, Encoding.Latin1.GetBytes("{ \"data\": \"é\" }"));
        Assert.Equal(
            $"{file} is not text in UTF-8; a recipe is.",
            Assert.Throws<InvalidDataException>(() => Recipe.Read(file)).Message);
    }

    [Fact]
    public void A_missing_file_suggests_a_similar_name()
    {
        var folder = Contract.Few.Folder();
        File.WriteAllText(Path.Combine(folder, "digits-kd.json"), Good);
        var missing = Path.Combine(folder, "digits-kt.json");
        Assert.Equal(
            $"{missing}: there is no such file; did you mean \"digits-kd.json\"?",
            Assert.Throws<InvalidDataException>(() => Recipe.Read(missing)).Message);
        Assert.Equal(
            $"{folder} must be a regular file; it is a folder.",
            Assert.Throws<InvalidDataException>(() => Recipe.Read(folder)).Message);
    }

    [Fact]
    public void A_file_far_too_long_for_a_recipe_is_not_read()
    {
        var file = Path.Combine(Contract.Few.Folder(), "weights.json");
        using (var stream = File.Create(file)) stream.SetLength(2_000_000);
        Assert.Equal(
            $"{file} has 2000000 bytes; at most 1048576 are read.",
            Assert.Throws<InvalidDataException>(() => Recipe.Read(file)).Message);
    }

    [Theory]
    [InlineData(
        "method.temprature=2",
        "--set method.temprature=2: method.temprature is not known here; did you mean \"temperature\"?")]
    [InlineData(
        "method.temperature=-1", "--set method.temperature=-1: method.temperature must be greater than 0; it is -1.")]
    [InlineData(
        "method.temperature=NaN", "--set method.temperature=NaN: method.temperature must be a number; it is \"NaN\".")]
    [InlineData("method.temperature", "--set method.temperature: a setting is path=value, as in method.temperature=4.")]
    [InlineData(
        "method..temperature=4",
        "--set method..temperature=4: a path is keys with one point between them, as in method.temperature=4.")]
    [InlineData("=4", "--set =4: a path is keys with one point between them, as in method.temperature=4.")]
    [InlineData(
        "method.temperature.x=4", "--set method.temperature.x=4: method.temperature is 4, which has nothing inside.")]
    [InlineData(
        "student.hidden.3=4", "--set student.hidden.3=4: student.hidden is a list of 2, numbered from 0; it has no 3.")]
    [InlineData(
        "student.hidden.x=4", "--set student.hidden.x=4: student.hidden is a list of 2, numbered from 0; it has no x.")]
    [InlineData(
        "student.hidden.2=x", "--set student.hidden.2=x: student.hidden.2 must be a whole number; it is \"x\".")]
    [InlineData("tuning.seeds=2", "--set tuning.seeds=2: tuning.learningRates is missing; it must be a list.")]
    [InlineData("method.name=labels", "r.json, line 7: method.temperature is not known here; known: name.")]
    [InlineData("data=toy", "--set data=toy: data must be an object; it is \"toy\".")]
    public void A_wrong_setting_is_named_by_itself(string setting, string sentence) =>
        Assert.Equal(
            sentence, Assert.Throws<InvalidDataException>(() => Recipe.Parse(Good, "r.json", setting)).Message);

    [Theory]
    [InlineData("training.batch=2", "training.batch", "batchSize")]
    [InlineData("training.clip=2", "training.clip", "maxGradientNorm")]
    [InlineData("training.average=0.9", "training.average", "emaDecay")]
    [InlineData("training.keep=last", "training.keep", "selectWeights")]
    [InlineData("training.schedule.name=linear", "training.schedule", "scheduler")]
    [InlineData("data={\"name\":\"idx\",\"path\":\"d\",\"limit\":9}", "data.limit", "maxExamples")]
    [InlineData("data={\"name\":\"idx\",\"path\":\"d\",\"labels\":9}", "data.labels", "labelledExamples")]
    [InlineData("data={\"name\":\"idx\",\"path\":\"d\",\"budget\":9}", "data.budget", "memoryLimit")]
    [InlineData("data={\"name\":\"idx\",\"path\":\"d\",\"normalisation\":{}}", "data.normalisation", "normalization")]
    [InlineData("data={\"name\":\"idx\",\"path\":\"d\",\"normalization\":{\"scale\":1,\"mean\":[0],\"deviation\":[1]}}",
        "data.normalization.deviation", "standardDeviation")]
    [InlineData("data={\"name\":\"idx\",\"path\":\"d\",\"augmentation\":[{\"name\":\"noise\",\"deviation\":1}]}",
        "data.augmentation.0.deviation", "standardDeviation")]
    [InlineData("student={\"name\":\"convnet\",\"halving\":\"stride\"}", "student.halving", "downsampling")]
    [InlineData("method={\"name\":\"beta\",\"averageStart\":\"copy\"}", "method.averageStart", "emaStart")]
    [InlineData("method={\"name\":\"beta\",\"averageMode\":\"eval\"}", "method.averageMode", "emaMode")]
    [InlineData("method={\"name\":\"beta\",\"decay\":0.9}", "method.decay", "emaDecay")]
    public void A_renamed_key_suggests_its_new_name(string setting, string old, string now) =>
        Assert.Equal(
            $"--set {setting}: {old} is not known here; it is called \"{now}\" now.",
            Assert.Throws<InvalidDataException>(() => Recipe.Parse(Good, "r.json", setting)).Message);

    [Theory]
    [InlineData("data.name=pictures", "data.name", "image-folder")]
    [InlineData("data={\"name\":\"idx\",\"path\":\"d\",\"augmentation\":[{\"name\":\"colour\"}]}",
        "data.augmentation.0.name", "color-jitter")]
    [InlineData("data={\"name\":\"idx\",\"path\":\"d\",\"augmentation\":[{\"name\":\"static\"}]}",
        "data.augmentation.0.name", "uniform-noise")]
    [InlineData("teacher.name=script", "teacher.name", "torchscript")]
    [InlineData("teacher.name=weights", "teacher.name", "checkpoint")]
    public void A_renamed_name_suggests_its_new_name(string setting, string path, string now) =>
        Assert.Matches(
            $"^--set .*: {path} \"[a-z]+\" is not known; it is called \"{now}\" now\\.$",
            Assert.Throws<InvalidDataException>(() => Recipe.Parse(Good, "r.json", setting)).Message);

    [Fact] // "decay" was a key of beta alone
    public void An_old_name_is_no_hint_in_a_record_that_never_had_it() => Assert.DoesNotContain("it is called",
        Assert.Throws<InvalidDataException>(() => Recipe.Parse(Good, "r.json", "training.decay=0.9")).Message,
        StringComparison.Ordinal);

    static string Refusal(string text)
    {
        var message = Assert.Throws<InvalidDataException>(() => Recipe.Parse(text, "r.json")).Message;
        Assert.DoesNotContain("System.", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Retort.", message, StringComparison.Ordinal);
        return message;
    }

    static string Expected(string sentence) => sentence
        .Replace("{data}", Listed(Registry.Data.Keys), StringComparison.Ordinal)
        .Replace("{models}", Listed(Registry.Models.Keys), StringComparison.Ordinal);

    static string Listed(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"\"{name}\""));
}
