using System.Runtime.CompilerServices;
using Retort.Recipes;
using Retort.Tests.Methods;

namespace Retort.Tests.Proofs;

/// <summary>Names the proofs' data, networks, methods and tasks before any recipe of these tests is read.</summary>
static class ProofRegistration
{
    [ModuleInitializer]
    internal static void Register()
    {
        Registry.Add<TokenDataOptions>("proof-tokens");
        Registry.Add<Recipes.BrokenOptions>("proof-broken");
        Registry.Add<TokenNetworkOptions>("proof-token-network");
        Registry.Add<TokenLossOptions>("proof-token-loss");
        Registry.Add<TwoFrontEndsOptions>("proof-two-front-ends");
        Registry.Add<QueueOptions>("proof-queue");
        Registry.Add<UnlabelledOptions>("proof-unlabelled");
        Registry.Add<AlternatingOptions>("proof-alternating");
        Registry.Add<ContinuedOptions>("proof-continued");
        Registry.Add<MistakenOptions>("proof-mistaken");
        Registry.Add<MistakenLossOptions>("proof-mistaken-loss");
        Registry.Add<DistilledDataOptions>("proof-distilled-data");
        Registry.Add<RandomRealDataOptions>("proof-random-real-data");
        Registry.Add<BanditOptions>("proof-bandit");
        Registry.Add<ReturnTaskOptions>("proof-return");
        Registry.Add<PolicyOptions>("proof-policy");
        Registry.Add<PolicyNetworkOptions>("proof-policy-network");
    }
}
