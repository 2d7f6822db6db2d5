using Retort.Teachers.Cache;

namespace Retort.Tests.Teachers;

public sealed class CodecTests
{
    [Fact] // the check value of CRC-32C: that of the letters 123456789
    public void The_checksum_is_crc_32c()
    {
        Assert.Equal(0xE3069283, Crc.Of("123456789"u8));
        Assert.NotEqual(Crc.Of(1, 2, "x"u8), Crc.Of(2, 1, "x"u8));
    }

    [Fact]
    public void Float32_loses_nothing()
    {
        float[] values = [1.1f, -2e30f, float.Epsilon, 0];
        Assert.Equal(values, Through(new Float32Options(), values, out var error));
        Assert.Equal(new CodecError("logits", 0, 0, 0, 0, 0, 1), error);
    }

    // 2049 is halfway between 2048 and 2050, the even one of which ends in 0: 2048; -0.1 has
    // 11 bits: relative error below 2⁻¹¹
    [Fact]
    public void Float16_rounds_to_eleven_bits()
    {
        float[] values = [2049, 1, -0.1f];
        var kept = Through(new Float16Options(), values, out var error);
        Assert.Equal([2048, 1], kept[..2]);
        Assert.InRange(Math.Abs(kept[2] + 0.1f), 1e-9, 0.1 / 2048);
        Assert.Equal(1, error.Largest);
        Assert.Equal((1 + Math.Abs(kept[2] + 0.1)) / 3, error.Mean, tolerance: 1e-6);
    }

    [Fact]
    public void Float16_refuses_what_it_cannot_hold()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Through(new Float16Options(), [1, -70_000], out _));
        Assert.Contains("-70000, which float16 cannot hold", error.Message, StringComparison.Ordinal);
    }

    // p = (8, 4, 2, 1, 1) / 16: the two largest stay, the other three share 4/16 evenly, 1/12
    // each: logits ln(8), ln(4), ln(4/3) × 3
    [Fact]
    public void Top_k_keeps_the_k_probabilities_and_spreads_the_tail_evenly()
    {
        float[] logits = [MathF.Log(2), MathF.Log(8), 0, MathF.Log(4), 0];
        var kept = Through(new TopKOptions { K = 2 }, logits, out var error);
        var level = MathF.Log(4f / 3);
        Assert.Equal(Near(level, MathF.Log(8), level, MathF.Log(4), level), Near(kept));
        var sum = kept.Sum(value => Math.Exp(value));
        Assert.Equal(0.5, Math.Exp(kept[1]) / sum, tolerance: 1e-6);
        Assert.Equal(0.25, Math.Exp(kept[3]) / sum, tolerance: 1e-6);
        // KL: 2/16 ln((2/16) / (1/12)) + 2 · 1/16 ln((1/16) / (1/12)) = .125 ln 1.5 + .125 ln .75 = .01472
        Assert.Equal(0.01472, error.Kl, tolerance: 1e-5);
        Assert.Equal(0, error.LargestKept);
        Assert.Equal(Math.Log(2) - level, error.Largest, tolerance: 1e-6); // ln 2 became ln 4/3: .405; 0 became .288

        static string[] Near(params float[] values) =>
            [.. values.Select(value => value.ToString("0.00000", System.Globalization.CultureInfo.InvariantCulture))];
    }

    [Fact]
    public void Top_k_of_many_classes_finds_the_largest_in_any_order()
    {
        var chance = new RandomStream(3, StreamKey.Data);
        foreach (var width in (int[])[3, 100, 70_000])
        {
            var logits = Enumerable.Range(0, width).Select(_ => (float)chance.Normal()).ToArray();
            var kept = Through(new TopKOptions { K = 2 }, logits, out _);
            var two = logits.Select((value, i) => (value, i)).OrderByDescending(one => one.value).Take(2).ToList();
            Assert.All(two, one => Assert.Equal(one.value, kept[one.i]));
            Assert.Single(kept.Where((_, i) => !two.Exists(one => one.i == i)).Distinct());
        }
    }

    [Fact]
    public void Top_k_of_no_fewer_classes_than_there_are_is_refused()
    {
        var error =
            Assert.Throws<InvalidOperationException>(() => Through(new TopKOptions { K = 4 }, new float[4], out _));
        Assert.Contains("k is 4, and the teacher has 4 classes", error.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)] // what is stated is never exceeded, by any example or number
    public void The_stated_error_holds(int which)
    {
        CodecOptions options =
            which switch { 0 => new Float32Options(), 1 => new Float16Options(), _ => new TopKOptions { K = 3 } };
        var chance = new RandomStream(5, StreamKey.Data);
        var field = new RecordLayout([new("logits", [20])], options).Fields[0];
        var (measure, rows) = (new ErrorMeasure(field), new List<(float[] Row, byte[] Record)>());
        for (var n = 0; n < 50; n++)
        {
            var row = Enumerable.Range(0, 20).Select(_ => (float)(10 * chance.Normal())).ToArray();
            var record = new byte[field.Codec.Bytes];
            field.Codec.Encode(row, record);
            measure.Add(row, record);
            rows.Add((row, record));
        }
        var (stated, sum, largest, kept) = (measure.Result, 0.0, 0.0, new float[20]);
        foreach (var (row, record) in rows)
        {
            field.Codec.Decode(record, kept);
            sum += row.Zip(kept).Sum(pair => Math.Abs((double)pair.First - pair.Second));
            largest = Math.Max(largest, row.Zip(kept).Max(pair => Math.Abs((double)pair.First - pair.Second)));
        }
        Assert.Equal(stated.Largest, largest);
        Assert.Equal(stated.Mean, sum / 1000, tolerance: 1e-12);
        Assert.Equal(which == 0, stated.Largest == 0);
        Assert.InRange(stated.LargestKept, 0, which == 1 ? 60.0 / 2048 : 0);
        Assert.InRange(stated.Kl, 0, stated.LargestKl);
    }

    static float[] Through(CodecOptions options, float[] values, out CodecError error)
    {
        var field = new RecordLayout([new("logits", [values.Length])], options).Fields[0];
        var (record, kept) = (new byte[field.Codec.Bytes], new float[values.Length]);
        field.Codec.Encode(values, record);
        field.Codec.Decode(record, kept);
        var measure = new ErrorMeasure(field);
        measure.Add(values, record);
        error = measure.Result;
        return kept;
    }
}
