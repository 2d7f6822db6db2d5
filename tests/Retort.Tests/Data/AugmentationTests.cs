using Retort.Data;
using Retort.Data.Augmentation;

namespace Retort.Tests.Data;

public sealed class AugmentationTests
{
    static readonly float[] Black = [-1];

    [Fact] // 1 2 3 / 4 5 6 seen in a mirror
    public void A_flip_reverses_each_row()
    {
        Assert.Equal([3, 2, 1, 6, 5, 4], Changed(new FlipOptions { Share = 1 }, new(1, 2, 3), [1, 2, 3, 4, 5, 6]));
        Assert.Equal([1, 2, 3, 4, 5, 6], Changed(new FlipOptions { Share = 0 }, new(1, 2, 3), [1, 2, 3, 4, 5, 6]));
    }

    [Fact] // with a padding of 1, 3 × 3 pixels can stand in 9 places; in each, a pixel keeps its number or is black
    public void A_crop_shifts_up_to_its_padding_and_fills_with_black()
    {
        var canvas = new Canvas(1, 3, 3);
        float[] picture = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        var seen = new HashSet<(int, int)>();
        for (var id = 0; id < 200; id++)
        {
            var changed = Changed(new CropOptions { Pad = 1 }, canvas, picture, id);
            var centre = Array.IndexOf(changed, 5f);
            var (down, right) = (centre / 3 - 1, centre % 3 - 1);
            seen.Add((down, right));
            for (var i = 0; i < 9; i++)
            {
                var (y, x) = (i / 3 - down, i % 3 - right);
                Assert.Equal(y is >= 0 and < 3 && x is >= 0 and < 3 ? picture[y * 3 + x] : -1, changed[i]);
            }
        }
        Assert.Equal(9, seen.Count);
    }

    [Fact] // 50 pixels' worth: mean 0 ± 4 · .1 / √5000, deviation .1 within 4 · .1 / √10000
    public void Noise_has_the_deviation_that_is_asked_for()
    {
        var noise = Changed(new NoiseOptions { Deviation = 0.1 }, new(1, 50, 100), new float[5000]);
        Assert.Equal(0, noise.Average(), tolerance: 0.006);
        Assert.Equal(0.1, Math.Sqrt(noise.Average(value => value * value)), tolerance: 0.004);
    }

    [Fact] // a square of 2 has 4 pixels inside, 2 or 1 where it hangs over an edge of 4 × 4; in both channels the same
    public void Cutout_wipes_a_square_out_of_every_channel()
    {
        var seen = new HashSet<int>();
        for (var id = 0; id < 100; id++)
        {
            var changed = Changed(new CutoutOptions { Size = 2 }, new(2, 4, 4), [.. Enumerable.Repeat(1f, 32)], id);
            Assert.Equal(changed[..16], changed[16..]);
            seen.Add(changed[..16].Count(value => value == 0));
        }
        Assert.Equal([1, 2, 4], seen.Order());
    }

    [Fact] // fidelity O9: λ = ¼, x = (4, 0), partners (1, 0): ¼ · 4 + ¾ · 0 = 1 and ¼ · 0 + ¾ · 4 = 3
    public void Mixup_of_four_and_nothing()
    {
        float[] values = [4, 0];
        MixupOptions.Blend(values, [1, 0], 0.25f);
        Assert.Equal([1, 3], values);
    }

    [Fact]
    public void A_mixed_batch_keeps_both_labels_and_the_pixels_follow_them()
    {
        var data = new IdxOptions { Path = Written.Idx(), Validation = 1, Augmentation = [new MixupOptions()], Normalisation = new(1, [0], [1]) }.Open();
        var (plain, mixed) = (new Prepared(), new Prepared());
        data.Training.Prepare([0, 1, 2, 3], View.Plain, plain);
        data.Training.Prepare([0, 1, 2, 3], new(1, 0), mixed);
        Assert.InRange(mixed.LabelShare, 0.001, 0.999);
        var before = plain.Floats("pixels", [1, 2, 3]);
        var after = mixed.Floats("pixels", [1, 2, 3]);
        for (var i = 0; i < 4; i++)
        {
            var partner = (after[i * 6] - mixed.LabelShare * before[i * 6]) / (1 - mixed.LabelShare);       // its first pixel: 6 · id
            Assert.Equal(Math.Round(partner / 6) % 2, mixed.OtherLabels[i]);                                // odd ids are class 1
        }
    }

    [Fact]
    public void What_is_done_to_an_example_follows_from_seed_pass_and_id_alone()
    {
        var data = new IdxOptions { Path = Written.Idx(), Validation = 1, Augmentation = [new NoiseOptions(), new CropOptions { Pad = 1 }] }.Open();
        float[] First(View view, params int[] positions)
        {
            var batch = new Prepared();
            data.Training.Prepare(positions, view, batch);
            return batch.Floats("pixels", [1, 2, 3])[^6..].ToArray();
        }
        var once = First(new(3, 5), 4, 0, 2);
        Assert.Equal(once, First(new(3, 5), 2));                               // in other company
        Assert.NotEqual(once, First(new(3, 6), 2));
        Assert.NotEqual(once, First(new(4, 5), 2));
        Assert.Equal(First(View.Plain, 2), First(View.Plain, 1, 2));
    }

    static float[] Changed(AugmentationOptions augmentation, Canvas canvas, float[] picture, int id = 0)
    {
        var changed = picture.ToArray();
        var chance = new Chance(1, Purpose.Augmentation, 0, id);
        augmentation.Change(changed, canvas, Enumerable.Repeat(Black[0], canvas.Channels).ToArray(), ref chance);
        return changed;
    }
}
