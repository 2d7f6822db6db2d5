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
        var canvas = new ImageSize(1, 3, 3);
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
        var noise = Changed(new NoiseOptions { StandardDeviation = 0.1 }, new(1, 50, 100), new float[5000]);
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

    [Fact] // 1 2 / 3 4 / 5 6 upside down
    public void A_vertical_flip_reverses_the_rows()
    {
        Assert.Equal([5, 6, 3, 4, 1, 2], Changed(new VerticalFlipOptions { Share = 1 }, new(1, 3, 2), [1, 2, 3, 4, 5, 6]));
        Assert.Equal([1, 2, 3, 4, 5, 6], Changed(new VerticalFlipOptions { Share = 0 }, new(1, 3, 2), [1, 2, 3, 4, 5, 6]));
    }

    [Fact] // a dot 6 right of the centre moves to (6 cos φ, 6 sin φ) of (right, down), φ the angle drawn, clockwise; black is -1, so weights are value + 1
    public void A_rotation_turns_about_the_centre_by_the_angle_drawn()
    {
        var canvas = new ImageSize(1, 17, 17);
        float[] picture = [.. Enumerable.Range(0, 289).Select(i => i == 8 * 17 + 14 ? 1f : -1f)];
        for (var id = 0; id < 30; id++)
        {
            var angle = new RandomStream(1, StreamKey.Augmentation, 0, id).Uniform(-90, 90) * Math.PI / 180;
            var turned = Changed(new RotationOptions { Degrees = 90 }, canvas, picture, id);
            var whole = turned.Sum(value => value + 1);
            Assert.Equal(6 * Math.Cos(angle), turned.Select((value, i) => (value + 1) * (i % 17 - 8)).Sum() / whole, tolerance: 0.5);
            Assert.Equal(6 * Math.Sin(angle), turned.Select((value, i) => (value + 1) * (i / 17 - 8)).Sum() / whole, tolerance: 0.5);
        }
    }

    [Fact] // at 10° and more the corners of 50 × 50 come from at least 24.5 (cos 10° + sin 10° - 1) = 3.9 pixels outside; the centre is still the picture
    public void What_a_rotation_brings_in_is_black()
    {
        var id = Enumerable.Range(0, 100).First(one => Math.Abs(new RandomStream(1, StreamKey.Augmentation, 0, one).Uniform(-45, 45)) > 10);
        var turned = Changed(new RotationOptions { Degrees = 45 }, new(1, 50, 50), [.. Enumerable.Repeat(1f, 2500)], id);
        Assert.Equal(-1, turned[0]);
        Assert.Equal(1, turned[25 * 50 + 25], tolerance: 1e-6f);
    }

    [Fact] // 5000 numbers even between -1 and 1: mean 0 ± 4 · .577 / √5000, deviation 1 / √3
    public void Static_is_even_from_black_to_white_and_comes_in_its_share()
    {
        var noise = Changed(new UniformNoiseOptions { Share = 1 }, new(1, 50, 100), new float[5000]);
        Assert.All(noise, value => Assert.InRange(value, -1, 1));
        Assert.Equal(0, noise.Average(), tolerance: 0.033);
        Assert.Equal(1 / Math.Sqrt(3), Math.Sqrt(noise.Average(value => value * value)), tolerance: 0.02);
        Assert.InRange(Enumerable.Range(0, 1000).Count(id => Changed(new UniformNoiseOptions(), new(1, 1, 1), [0], id)[0] != 0), 150, 250);   // 200 ± 4 √160
    }

    [Fact] // black -1 and white 1: 0 is half-way, .5; times a factor from .8 to 1.2 it is from .4 to .6, so from -.2 to .2
    public void Brightness_scales_between_black_and_white()
    {
        var only = new ColorJitterOptions { Contrast = 0, Saturation = 0, Hue = 0 };
        var seen = Enumerable.Range(0, 200).Select(id => Changed(only, new(1, 1, 2), [0, -1], id)).ToList();
        Assert.All(seen, pair => Assert.Equal(-1, pair[1], tolerance: 1e-6f));
        Assert.All(seen, pair => Assert.InRange(pair[0], -0.2001f, 0.2001f));
        Assert.True(seen.Max(pair => pair[0]) > 0.15 && seen.Min(pair => pair[0]) < -0.15);
    }

    [Fact] // mean grey of (0, 1) is ½: both move by the same, in opposite directions
    public void Contrast_scales_about_the_mean_grey()
    {
        var changed = Changed(new ColorJitterOptions { Brightness = 0, Saturation = 0, Hue = 0 }, new(1, 1, 2), [-0.5f, 0.5f]);
        Assert.Equal(0, changed[0] + changed[1], tolerance: 1e-6f);
        Assert.NotEqual(0.5f, changed[1]);
    }

    [Fact] // pure red turned by h of the circle, up to a sixth, is (1, 6 h, 0); grey has no hue and stays
    public void Hue_is_turned_by_the_share_drawn()
    {
        var only = new ColorJitterOptions { Brightness = 0, Contrast = 0, Saturation = 0, Hue = 0.16 };
        for (var id = 0; id < 20; id++)
        {
            var chance = new RandomStream(1, StreamKey.Augmentation, 0, id);
            for (var draw = 0; draw < 3; draw++) chance.Uniform();
            var hue = chance.Uniform(-0.16, 0.16);
            var changed = Changed(only, new(3, 1, 2), [1, 0, -1, 0, -1, 0], id);     // a red and a grey pixel
            var expected = hue > 0 ? (Red: 1.0, Green: 6 * hue, Blue: 0.0) : (Red: 1.0, Green: 0.0, Blue: -6 * hue);
            Assert.Equal((float)(2 * expected.Red - 1), changed[0], tolerance: 1e-5f);
            Assert.Equal((float)(2 * expected.Green - 1), changed[2], tolerance: 1e-5f);
            Assert.Equal((float)(2 * expected.Blue - 1), changed[4], tolerance: 1e-5f);
            Assert.All(new[] { changed[1], changed[3], changed[5] }, value => Assert.Equal(0, value, tolerance: 1e-5f));
        }
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
        var data = new IdxOptions { Path = Written.Idx(), Validation = 1, Augmentation = [new MixupOptions()], Normalization = new(1, [0], [1]) }.Open();
        var (plain, mixed) = (new HostBatch(), new HostBatch());
        data.Training.Load([0, 1, 2, 3], View.Plain, plain);
        data.Training.Load([0, 1, 2, 3], new(1, 0), mixed);
        Assert.InRange(mixed.LabelShare, 0.001, 0.999);
        var before = plain.Float32("pixel_values", [1, 2, 3]);
        var after = mixed.Float32("pixel_values", [1, 2, 3]);
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
            var batch = new HostBatch();
            data.Training.Load(positions, view, batch);
            return batch.Float32("pixel_values", [1, 2, 3])[^6..].ToArray();
        }
        var once = First(new(3, 5), 4, 0, 2);
        Assert.Equal(once, First(new(3, 5), 2));                               // in other company
        Assert.NotEqual(once, First(new(3, 6), 2));
        Assert.NotEqual(once, First(new(4, 5), 2));
        Assert.Equal(First(View.Plain, 2), First(View.Plain, 1, 2));
    }

    static float[] Changed(AugmentationOptions augmentation, ImageSize canvas, float[] picture, int id = 0)
    {
        var changed = picture.ToArray();
        var chance = new RandomStream(1, StreamKey.Augmentation, 0, id);
        augmentation.Change(changed, canvas, new(Enumerable.Repeat(Black[0], canvas.Channels).ToArray(), Enumerable.Repeat(1f, canvas.Channels).ToArray()), ref chance);
        return changed;
    }
}
