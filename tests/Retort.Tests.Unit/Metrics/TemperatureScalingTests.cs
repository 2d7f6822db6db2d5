using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

public sealed class TemperatureScalingTests
{
    [Fact] // two classes, logits ±2, three of four correct: sigmoid(4 / T) = ¾, so T = 4 / ln 3 = 3.6410
    public void The_temperature_of_one_margin_by_hand()
    {
        float[] logits = [2, -2, 2, -2, 2, -2, 2, -2];
        Assert.Equal(4 / Math.Log(3), TemperatureScaling.Fit(logits, [0, 0, 0, 1]), tolerance: 1e-6);

        var scaled = TemperatureScaling.Apply(logits, 4 / Math.Log(3));     // there confidence equals accuracy
        Assert.Equal(0.75, LogitRows.Confidence(scaled.AsSpan(0, 2)), tolerance: 1e-6);
        Assert.Equal(0, Calibration.ExpectedError(scaled, [0, 0, 0, 1]), tolerance: 1e-6);
    }

    [Fact]
    public void Predictions_that_are_all_correct_or_all_wrong_give_the_ends_of_the_range()
    {
        Assert.Equal(TemperatureScaling.Range.Low, TemperatureScaling.Fit([1, 0], [0]), tolerance: 1e-6);
        Assert.Equal(TemperatureScaling.Range.High, TemperatureScaling.Fit([1, 0], [1]), tolerance: 1e-6);
    }

    [Fact] // labels drawn from the softmax of the logits are calibrated at T = 1; with tripled logits at T = 3
    public void Overconfident_logits_are_divided_by_their_factor()
    {
        var random = new RandomStream(5, StreamKey.Data);
        var (logits, labels) = (new float[4000 * 3], new long[4000]);
        for (var i = 0; i < labels.Length; i++)
        {
            var row = logits.AsSpan(3 * i, 3);
            foreach (ref var logit in row) logit = (float)(1.5 * random.Normal());
            labels[i] = DrawLabel(row, random.Uniform());
        }
        Assert.InRange(TemperatureScaling.Fit(logits, labels), 0.94, 1.06);
        var tripled = TemperatureScaling.Apply(logits, 1 / 3.0);
        Assert.InRange(TemperatureScaling.Fit(tripled, labels), 3 * 0.94, 3 * 1.06);

        static long DrawLabel(ReadOnlySpan<float> row, double uniform)
        {
            var sum = 0.0;
            for (var c = 0; c < row.Length; c++)
            {
                sum += Math.Exp(LogitRows.LogProbability(row, c));
                if (sum > uniform) return c;
            }
            return 0;
        }
    }
}
