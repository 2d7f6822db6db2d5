using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

public sealed class TemperatureScalingTests
{
    [Fact] // two classes, logits ±2, right three times in four: sigmoid(4 / T) = ¾, so T = 4 / ln 3 = 3.6410
    public void One_margin_and_three_right_of_four_have_a_temperature_on_paper()
    {
        float[] logits = [2, -2, 2, -2, 2, -2, 2, -2];
        Assert.Equal(4 / Math.Log(3), TemperatureScaling.Fit(logits, [0, 0, 0, 1]), tolerance: 1e-6);
        // and there confidence is accuracy
        var scaled = TemperatureScaling.Apply(logits, 4 / Math.Log(3));
        Assert.Equal(0.75, LogitRows.Confidence(scaled.AsSpan(0, 2)), tolerance: 1e-6);
        Assert.Equal(0, Calibration.ExpectedError(scaled, [0, 0, 0, 1]), tolerance: 1e-6);
    }

    [Fact]
    public void Answers_that_are_all_right_or_all_wrong_lie_at_the_ends()
    {
        Assert.Equal(TemperatureScaling.Range.Low, TemperatureScaling.Fit([1, 0], [0]), tolerance: 1e-6);
        Assert.Equal(TemperatureScaling.Range.High, TemperatureScaling.Fit([1, 0], [1]), tolerance: 1e-6);
    }

    [Fact] // logits of a model that is right by chance of its own softmax are calibrated at 1; tripled, at 3
    public void Logits_that_were_made_too_sure_are_taken_back()
    {
        var chance = new RandomStream(5, StreamKey.Data);
        var (logits, labels) = (new float[4000 * 3], new long[4000]);
        for (var i = 0; i < labels.Length; i++)
        {
            var row = logits.AsSpan(3 * i, 3);
            foreach (ref var logit in row) logit = (float)(1.5 * chance.Normal());
            var (u, sum) = (chance.Uniform(), 0.0);
            for (var c = 0; c < 3; c++)
                if ((sum += Math.Exp(LogitRows.LogProbability(row, c))) > u) { labels[i] = c; break; }
        }
        Assert.InRange(TemperatureScaling.Fit(logits, labels), 0.94, 1.06);
        Assert.InRange(TemperatureScaling.Fit(TemperatureScaling.Apply(logits, 1 / 3.0), labels), 3 * 0.94, 3 * 1.06);
    }
}
