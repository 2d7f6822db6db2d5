using Retort.Methods;
using Retort.Report;
using Retort.Tests.Contract;

namespace Retort.Tests.Methods;

public sealed class BetaSmoothingTests
{
    [Fact] // the least sure, s = .2, gets the least; the surest, .9, the most
    public void The_kth_smallest_weight_goes_to_the_kth_lowest_score()
    {
        Assert.Equal(
            [.95, .6, .8], BetaSmoothing.Assigned([.9, .2, .5], [.8, .95, .6], BetaSmoothingOptions.Order.Ranked));
        Assert.Equal(
            [.6, .95, .8], BetaSmoothing.Assigned([.9, .2, .5], [.8, .95, .6], BetaSmoothingOptions.Order.Reversed));
        Assert.Equal(
            [.8, .95, .6], BetaSmoothing.Assigned([.9, .2, .5], [.8, .95, .6], BetaSmoothingOptions.Order.Random));
        // of equals the first is lower
        Assert.Equal(
            [.2, .1, .3], BetaSmoothing.Assigned([.5, .4, .5], [.3, .1, .2], BetaSmoothingOptions.Order.Ranked));
    }

    // mean of Beta(3, 1) ¾, variance 3 / (16 · 5) = .0375; its four sorted draws have the
    // means Γ(5) Γ(i + ⅓) / (Γ(i) Γ(5 + ⅓))
    [Fact]
    public void Draws_are_of_the_beta_distribution()
    {
        var all = BetaSmoothing.Draws(new(1, StreamKey.Method), 40_000, 3);
        Assert.Equal(0.75, all.Average(), tolerance: 0.003);
        Assert.Equal(0.0375, all.Average(b => (b - 0.75) * (b - 0.75)), tolerance: 0.001);
        var sorted = all.Chunk(4).Select(four => four.Order().ToArray()).ToList();
        double[] means = [.534066, .712088, .830769, .923077];
        for (var i = 0; i < 4; i++) Assert.Equal(means[i], sorted.Average(four => four[i]), tolerance: 0.005);
    }

    [Fact] // u^(1/3) of .125, .5, .729 is .5, .793701, .9
    public void A_draw_is_a_root_of_a_uniform_number()
    {
        var uniform = new RandomStream(4, StreamKey.Method);
        var drawn = BetaSmoothing.Draws(new(4, StreamKey.Method), 3, 3);
        foreach (var b in drawn) Assert.Equal(uniform.Uniform(), b * b * b, tolerance: 1e-12);
    }

    [Fact] // CE 1.033698 · .4 + smoothed 1.134661 · .6, with the weights that the ranking gives
    public void The_loss_of_three_examples()
    {
        using var scope = torch.NewDisposeScope();
        var (logits, labels) = (Smoothing.Three, Smoothing.Batch(0, 1, 3));
        var b = torch.tensor([.95f, .6f, .8f]);
        Assert.Equal(1.134661, labels.SmoothedCrossEntropy(logits, b).ToSingle(), tolerance: 1e-6);
        Assert.Equal(
            1.094275,
            0.4 * labels.CrossEntropy(logits).ToSingle() + 0.6 * labels.SmoothedCrossEntropy(logits, b).ToSingle(),
            tolerance: 1e-6);
    }

    // the average believes labels 0, 1, 3 to .9, .2, .5, so the second is smoothed most and the first least; the
    // student would rank otherwise
    [Fact]
    public void The_loss_weighs_its_terms_and_ranks_by_the_average()
    {
        using var scope = torch.NewDisposeScope();
        using var method = new BetaSmoothing(new());
        var batch = Smoothing.Batch(torch.tensor([0L, 1, 3]), new(9, StreamKey.Method));
        float[,] ofAverage = { { .9f, .04f, .03f, .03f }, { .4f, .2f, .3f, .1f }, { .2f, .2f, .1f, .5f } };
        float[,] ofStudent = { { .1f, .4f, .3f, .2f }, { .1f, .7f, .1f, .1f }, { .3f, .2f, .1f, .4f } };
        var average = torch.tensor(ofAverage).log();
        var student = torch.tensor(ofStudent).log();
        var drawn = BetaSmoothing.Draws(new(9, StreamKey.Method), 3, 3).Order().ToArray();

        var terms = method.Compute(batch, new(), new() { Logits = student, Ema = new() { Logits = average } });
        Assert.Equal(0.4 * (-Math.Log(.1) - Math.Log(.7) - Math.Log(.4)) / 3, Term("labels"), tolerance: 1e-6);
        var smoothed = Smoothed(drawn[2], .1, .4, .3, .2)
            + Smoothed(drawn[0], .7, .1, .1, .1)
            + Smoothed(drawn[1], .4, .3, .2, .1);
        Assert.Equal(0.6 * smoothed / 3, Term("smoothed"), tolerance: 1e-6);

        double Term(string name) => terms.Parts.Single(part => part.Name == name).Value.ToSingle();

        static double Smoothed(double b, double label, params double[] others) =>
            -b * Math.Log(label) - (1 - b) / 3 * others.Sum(Math.Log);
    }

    [Theory]
    [InlineData(BetaSmoothingOptions.Order.Ranked)]
    [InlineData(BetaSmoothingOptions.Order.Reversed)]
    public void The_order_of_a_batch_changes_nothing(BetaSmoothingOptions.Order ranking)
    {
        using var scope = torch.NewDisposeScope();
        using var method = new BetaSmoothing(new() { Ranking = ranking });
        var student = Few.Outputs(3, gradient: false);
        var plain = Few.Batch();
        var order = torch.tensor([3L, 0, 7, 5, 1, 2, 6, 4]);
        var batch = Smoothing.Batch(plain.Labels, new(9, StreamKey.Method));
        var shuffled = Smoothing.Batch(plain.Labels[order], new(9, StreamKey.Method));
        var other = new Outputs { Logits = student.Logits[order], Ema = new() { Logits = student.Ema.Logits[order] } };
        Assert.Equal(Total(batch, student), Total(shuffled, other), tolerance: 1e-5);
        Assert.NotEqual(
            Total(batch, student), Total(Smoothing.Batch(plain.Labels, new(10, StreamKey.Method)), student));

        float Total(Batch examples, Outputs answer) => method.Compute(examples, new(), answer).Total.ToSingle();
    }

    [Fact] // an unlabelled example is not ranked: the others' weights are those of a batch without it
    public void Unlabelled_examples_take_no_part()
    {
        using var scope = torch.NewDisposeScope();
        using var method = new BetaSmoothing(new());
        var (three, four) = (Smoothing.Batch(0, 1, 3), Smoothing.Batch(0, -1, 1, 3));
        var wide =
            torch.cat([Smoothing.Three[..1], torch.tensor(new float[,] { { 9, -9, 0, 0 } }), Smoothing.Three[1..]]);
        Assert.Equal(Total(three, Smoothing.Three), Total(four, wide), tolerance: 1e-6);

        float Total(Batch batch, Tensor logits) =>
            method.Compute(batch, new(), new() { Logits = logits, Ema = new() { Logits = logits } }).Total.ToSingle();
    }

    [Fact]
    public void Only_the_ranking_network_is_required()
    {
        Assert.Equal(Output.Logits, new BetaSmoothing(new()).Requires.Ema);
        Assert.Equal(
            OutputSet.None,
            new BetaSmoothing(new() { RankedBy = BetaSmoothingOptions.RankingNetwork.Student }).Requires.Ema);
        Assert.Equal(
            OutputSet.None, new BetaSmoothing(new() { Ranking = BetaSmoothingOptions.Order.Random }).Requires.Ema);
        Assert.Equal(new EmaSettings(0.9, EmaStart.Independent, EmaMode.Eval),
            new BetaSmoothing(new() { EmaDecay = 0.9, EmaStart = EmaStart.Independent, EmaMode = EmaMode.Eval }).Ema);
    }

    [Theory]
    [InlineData("\"ranking\": \"random\", \"rankedBy\": \"student\"", "method.rankedBy has no effect where ranking ")]
    [InlineData("\"rankedBy\": \"student\", \"emaDecay\": 0.9", "method.emaDecay has no effect where no average ")]
    [InlineData("\"ranking\": \"random\", \"emaMode\": \"eval\"", "method.emaMode has no effect where no average ")]
    public void Options_without_effect_are_refused(string options, string sentence)
    {
        var recipe = $$"""
            {
                "data": { "name": "toy" },
                "student": { "name": "mlp" },
                "method": { "name": "beta", {{options}} }
            }
            """;
        Assert.Contains(
            sentence,
            Assert.Throws<InvalidDataException>(() => Retort.Recipes.Recipe.Parse(recipe, "r.json")).Message,
            StringComparison.Ordinal);
    }
}
