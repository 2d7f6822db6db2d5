using Retort.Recipes;

namespace Retort.Tests.Contract;

public sealed class MethodContract
{
    public static TheoryData<string> Losses => [.. Catalogue.Methods
        .Where(pair => pair.Value.IsSubclassOf(typeof(LossOptions))).Select(pair => pair.Key)];

    public static TheoryData<string> All => [.. Catalogue.Methods.Keys];

    [Theory, MemberData(nameof(Losses))]
    public void Its_parts_are_finite_and_the_gradient_reaches_the_student_alone(string name)
    {
        using var scope = torch.NewDisposeScope();
        var options = (LossOptions)Activator.CreateInstance(Catalogue.Methods[name])!;
        using var method = options.Build(Few.Facts);
        var (teacher, student) = (Few.Outputs(5, gradient: true), Few.Outputs(3, gradient: true));
        
        var terms = method.Loss(Few.Batch(), teacher, student);
        terms.Total.backward();
        Assert.All(terms.Parts, part => Assert.True(float.IsFinite(part.Value.item<float>()), part.Name));
        var asked = method.Needs.Student.HasFlag(Signals.Logits) ? student.Logits : student.Embedding;
        Assert.True(asked.grad!.abs().sum().item<float>() > 0);
    }

    [Theory, MemberData(nameof(All))]
    public void Stopped_and_started_again_it_ends_with_the_same_bits(string name)
    {
        var (whole, broken) = (Few.Folder(), Few.Folder());
        var undisturbed = Few.Train(name, whole, stopAfter: null);
        Assert.Throws<OperationCanceledException>(() => Few.Train(name, broken, stopAfter: 11));
        var resumed = Few.Train(name, broken, stopAfter: null);
        Assert.Equal(undisturbed, resumed);
    }

    [Theory, MemberData(nameof(All))]
    public void Every_native_tensor_is_gone_afterwards(string name)
    {
        Few.Train(name, Few.Folder(), stopAfter: null);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Few.Train(name, Few.Folder(), stopAfter: null);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory, MemberData(nameof(All))]
    public void Its_options_survive_json(string name)
    {
        var recipe = Few.Recipe(name);
        var file = Path.Combine(Few.Folder(), "recipe.json");
        File.WriteAllText(file, recipe.ToJson());
        Assert.Equal(recipe.Method, Recipe.Read(file).Method);
    }
}
