using System.Text.Json.Nodes;
using Retort.Contracts.Learners;
using Retort.Environments;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;

namespace Retort.Tests.Contract;

/// <summary>A few hundred steps in an environment, for methods that learn there.</summary>
static class FewEpisodes
{
    static readonly string[] s_methods = ["ddpg", "ppo", "dpd", "policy-kd"];

    public static DdpgOptions Ddpg { get; } = new()
    {
        Steps = 600, CollectSteps = 20, Updates = 2, BatchSize = 8, EvaluationInterval = 300, TurnSteps = 150,
        CriticHidden = [8, 8], ActorLearningRate = 1e-3,
    };

    public static PpoOptions Ppo { get; } = new()
    {
        Steps = 600, RolloutSteps = 100, Epochs = 1, Minibatches = 4, EvaluationInterval = 300, ValueHidden = [8],
        LearningRate = 1e-3,
    };

    public static bool Fit(string method) => s_methods.Contains(method);

    public static Recipe Recipe(string method) => Of(method switch
    {
        "ddpg" => Ddpg,
        "ppo" => Ppo,
        "policy-kd" => new PolicyDistillationOptions
        {
            Learner = Ddpg with { Steps = 300 }, DistillationSteps = 300, BatchSize = 8,
        },
        _ => new DualPolicyOptions { Learner = Ddpg with { Steps = 300 }, BatchSize = 8 },
    });

    public static Recipe Of(MethodOptions method) => new()
    {
        Name = "few-episodes",
        Environment = new PendulumOptions { ValidationEpisodes = 2, TestEpisodes = 2 },
        Student = method is PpoOptions or DualPolicyOptions { Learner: PpoOptions }
            ? new StochasticPolicyOptions { Hidden = [8] } : new DeterministicPolicyOptions { Hidden = [8, 8] },
        Method = method,
        Seeds = 2,
    };

    /// <summary>A search over a learning rate, the second of which diverges.</summary>
    public static Recipe Searched(string method)
    {
        var recipe = Recipe(method);
        var option = method switch
        {
            "ddpg" => "method.criticLearningRate",
            "ppo" => "method.learningRate",
            _ => "method.learner.criticLearningRate",
        };
        JsonNode[] rates = [JsonValue.Create(1e-3), JsonValue.Create(1e38)];
        return recipe with { Search = new() { Over = [new ChoiceOptions { Option = option, Values = rates }] } };
    }
}
