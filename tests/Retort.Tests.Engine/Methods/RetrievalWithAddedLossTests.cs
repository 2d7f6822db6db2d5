using Retort.Methods;
using Retort.Tests.Contract;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>ReAugKD together with another loss.</summary>
public sealed class RetrievalWithAddedLossTests
{
    static readonly RetrievalAugmentedOptions s_options = new()
    {
        SoftWeight = 2,
        AddedLoss = new HiddenStatesOptions { Weight = 3 },
    };

    [Fact]
    public void The_terms_of_both_are_summed_and_the_added_parameters_are_trained()
    {
        using var scope = NewDisposeScope();
        using var projection = ModuleFactory.Create(() => new Linear(4, 3));
        using var loss = new RetrievalAugmented.Loss(
            s_options, projection, ((LossOptions)s_options.AddedLoss!).Build(FewTokens.MethodContext));
        var batch = FewTokens.Batch();
        var (teacher, student) = (Outputs(5, embedding: 4), Outputs(3, embedding: 3));

        using var alone = ((LossOptions)s_options.AddedLoss!).Build(FewTokens.MethodContext);
        foreach (var (own, other) in loss.State!.parameters().Zip(alone.State!.parameters()))
            using (no_grad()) other.copy_(own);
        using var plain = new RetrievalAugmented.Loss(s_options with { AddedLoss = null }, projection);
        var expected = Terms(plain).Concat(
            Terms(alone).Select(term => KeyValuePair.Create("added_" + term.Key, term.Value)));
        Assert.Equal(["soft", "relations", "added_soft", "added_hidden_states"], Terms(loss).Keys);
        Assert.Equal(expected, Terms(loss));

        Dictionary<string, float> Terms(DistillationLoss method) => method.Compute(batch, teacher, student).Parts
            .ToDictionary(part => part.Name, part => part.Value.ToSingle());
    }

    [Fact]
    public void The_teacher_must_offer_what_the_added_loss_needs()
    {
        Assert.True(s_options.Build().RequiredOfTeacher.Contains(Output.HiddenStates));
        Assert.False(new RetrievalAugmentedOptions().Build().RequiredOfTeacher.Contains(Output.HiddenStates));
    }

    [Fact]
    public void A_recipe_names_the_added_loss_and_a_procedure_is_none()
    {
        var method = (RetrievalAugmentedOptions)Read("""{ "name": "ckd", "wordPairWeight": 5 }""").Method;
        Assert.Equal(5, ((ContextualRelationsOptions)method.AddedLoss!).WordPairWeight);
        Assert.Contains("addedLoss must be a loss on the teacher's outputs, such as \"kd\" or \"ckd\".",
            Assert.Throws<InvalidDataException>(() => Read("""{ "name": "sdls" }""")).Message);

        static Retort.Recipes.Recipe Read(string added) => Retort.Recipes.Recipe.Parse($$"""
            {
              "data": { "name": "look-up" },
              "teacher": { "name": "trained", "network": { "name": "bert" } },
              "student": { "name": "bert" },
              "method": { "name": "reaugkd", "softWeight": 0, "addedLoss": {{added}} }
            }
            """, "r.json");
    }

    static Outputs Outputs(int width, int embedding)
    {
        var tokens = FewTokens.Outputs(width, gradient: false);
        return new() { Logits = tokens.Logits, HiddenStates = tokens.HiddenStates, Embedding = randn(8, embedding) };
    }
}
