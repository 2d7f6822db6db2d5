using Retort.Data;
using Retort.Data.Images;
using Retort.Environments;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;

namespace Retort.Tests.Recipes;

public sealed class RecipeTests
{
    const string Plain =
        """{ "data": { "name": "toy" }, "student": { "name": "mlp", "hidden": [8, 4] }, "method": { "name": "kd" } }""";

    [Fact]
    public void Left_out_keys_have_their_defaults()
    {
        var recipe = Recipe.Parse(Plain, "some/toy-kd.json");
        Assert.Equal((3, 0, 10, "toy-kd"), (recipe.Seeds, recipe.Threads, recipe.Training.Epochs, recipe.Name));
        Assert.Null(recipe.Teacher);
        Assert.Equal(Path.GetFullPath("some"), recipe.Folder);
    }

    [Fact]
    public void Settings_go_into_objects_and_lists_and_make_what_is_missing()
    {
        var recipe = Recipe.Parse(
            Plain, "r.json", "method.temperature=2", "training.optimizer.name=sgd", "training.optimizer.nesterov=true",
            "student.hidden.1=16", "student.hidden.2=32", "tuning={\"learningRates\":[0.1,0.2]}",
            "teacher.name=trained", "teacher.network.name=lenet");
        Assert.Equal(2.0, ((SoftTargetsOptions)recipe.Method).Temperature);
        Assert.Equal(new Retort.Training.SgdOptions { Nesterov = true }, recipe.Training.Optimizer);
        Assert.Equal([8, 16, 32], ((MlpOptions)recipe.Student).Hidden);
        Assert.Equal([0.1, 0.2], recipe.Tuning!.LearningRates);
        Assert.IsType<LeNetOptions>(((TrainedTeacherOptions)recipe.Teacher!).Network);
    }

    [Fact]
    public void A_later_setting_wins_and_null_takes_a_part_away()
    {
        Assert.Equal(5, Recipe.Parse(Plain, "r.json", "seeds=4", "seeds=5").Seeds);
        Assert.Null(Recipe.Parse(Plain, "r.json", "tuning.learningRates=[1]", "tuning=null").Tuning);
    }

    [Fact]
    public void The_name_of_a_part_may_stand_anywhere_in_it() =>
        Assert.Equal(2.0, ((SoftTargetsOptions)Recipe.Parse(
            Plain, "r.json", "method={\"temperature\":2,\"name\":\"kd\"}").Method).Temperature);

    [Fact]
    public void What_is_written_reads_as_the_same_recipe()
    {
        var recipe = Recipe.Parse(Plain, "r.json", "training.learningRate=0.1", "tuning.learningRates=[0.1]");
        Assert.Equal(recipe.ToJson(), Recipe.Parse(recipe.ToJson(), "r.json").ToJson());
        Assert.DoesNotContain("null", recipe.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_sees_what_changes_numbers_and_nothing_else()
    {
        var hash = Recipe.Parse(Plain, "here/r.json").Hash;
        var reordered = """
            { // the same, said otherwise
              "$schema": "recipe.schema.json",
              "method": { "temperature": 4, "name": "kd" }, "data": { "name": "toy" },
              "student": { "hidden": [ 8, 4 ], "name": "mlp" }, "seeds": 3, }
            """;
        Assert.Equal(hash, Recipe.Parse(reordered, "there/other.json").Hash);
        Assert.NotEqual(hash, Recipe.Parse(Plain, "here/r.json", "method.temperature=5").Hash);
        Assert.NotEqual(hash, Recipe.Parse(Plain, "here/r.json", "seeds=4").Hash);
        Assert.Matches("^[0-9a-f]{64}$", hash);
    }

    [Fact]
    public void A_part_is_written_and_read_alone()
    {
        var written = Recipe.Write<ModelOptions>(new MlpOptions { Hidden = [3] });
        Assert.Equal("""{"name":"mlp","hidden":[3],"norm":"none"}""", written.ToJsonString());
        Assert.Equal([3], ((MlpOptions)Recipe.Read<ModelOptions>(written, "config.json")).Hidden);
        written["name"] = "mpl";
        Assert.Equal("config.json holds no part of a recipe that this version can read.",
            Assert.Throws<InvalidDataException>(() => Recipe.Read<ModelOptions>(written, "config.json")).Message);
    }

    [Fact]
    public void Paths_are_seen_from_the_recipe_and_the_data_folder()
    {
        var (folder, cached) = (Path.GetFullPath("/srv/someone/recipes"), Path.Combine(CacheFolders.Data, "mnist"));
        Assert.Equal(Path.GetFullPath("/srv/someone/data/x"), RecipePaths.Absolute("../data/x", folder));
        Assert.Equal(cached, RecipePaths.Absolute("cache:mnist", folder));
        Assert.Equal("../data/x", RecipePaths.Relative(Path.GetFullPath("/srv/someone/data/x"), folder));
        Assert.Equal(
            "../../someone/data/x",
            RecipePaths.Relative(Path.GetFullPath("/srv/someone/data/x"), Path.GetFullPath("/srv/runs/x")));
        Assert.Equal(Path.GetFullPath("/mnt/data"), RecipePaths.Relative(Path.GetFullPath("/mnt/data"), folder));
        Assert.Equal("cache:mnist", RecipePaths.Relative(cached, folder));
    }

    [Theory]
    [InlineData("temprature", "temperature")]
    [InlineData("TEMPERATURE", "temperature")]
    [InlineData("softweight", "softWeight")]
    [InlineData("colour", null)]
    public void The_nearest_word_changes_at_most_half_of_the_letters(string word, string? meant) =>
        Assert.Equal(meant, Spelling.To(word, ["name", "softWeight", "temperature"]));

    [Fact]
    public void A_draft_of_every_method_and_network_reads_as_a_recipe()
    {
        foreach (var method in Registry.Methods.Keys)
        {
            var recipe = Recipe.Parse(new RecipeTemplate("toy", "lenet", "mlp", method).Make(), "new.json");
            Assert.Equal(Registry.Methods[method], recipe.Method.GetType());
            Assert.True(recipe.Source is ToyOptions || recipe is { Data: null, Environment: PendulumOptions });
        }
        foreach (var (network, type) in Registry.Models)
            Assert.IsType(
                type, Recipe.Parse(new RecipeTemplate("toy", network, network, "kd").Make(), "new.json").Student);
    }

    [Fact]
    public void A_draft_names_the_data_that_it_was_asked_for()
    {
        var template = new RecipeTemplate("image-folder", "lenet", "mlp", "kd") { DataPath = "my \"photos\"" };
        Assert.DoesNotContain(RecipeTemplate.FillIn, template.Make(), StringComparison.Ordinal);
        Assert.Equal("my \"photos\"", Path.GetFileName(
            ((ImageFolderOptions)Recipe.Parse(template.Make(), "new.json").Source).Path));
    }

    [Fact]
    public void A_draft_describes_each_key()
    {
        var draft = new RecipeTemplate("toy", "lenet", "mlp", "kd").Make();
        Assert.Contains("""
              "method": {
                "name": "kd",
                // T: a higher temperature gives more weight to the teacher's probabilities of the wrong
                // classes.
                "temperature": 4,   // greater than 0
            """, draft, StringComparison.Ordinal);
    }
}
