using Retort.Data;
using Retort.Data.Augmentation;

namespace Retort.Tests.Data;

/// <summary>Augmentations of images whose black is -1 and whose white is 1.</summary>
public sealed class AugmentationTests
{
    [Fact] // 1 2 3 / 4 5 6 mirrored
    public void A_flip_reverses_each_row()
    {
        var flip = new FlipOptions { Probability = 1 };
        Assert.Equal([3, 2, 1, 6, 5, 4], Changed(flip, new(1, 2, 3), [1, 2, 3, 4, 5, 6]));
        var none = new FlipOptions { Probability = 0 };
        Assert.Equal([1, 2, 3, 4, 5, 6], Changed(none, new(1, 2, 3), [1, 2, 3, 4, 5, 6]));
    }

    [Fact] // with a padding of 1, 3 × 3 pixels have 9 positions; at each one, a pixel keeps its value or is black
    public void A_crop_shifts_up_to_its_padding_and_fills_with_black()
    {
        var size = new ImageSize(1, 3, 3);
        float[] image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        var seen = new HashSet<(int, int)>();
        for (var id = 0; id < 200; id++)
        {
            var changed = Changed(new CropOptions { Pad = 1 }, size, image, id);
            var centre = Array.IndexOf(changed, 5f);
            var (down, right) = (centre / 3 - 1, centre % 3 - 1);
            seen.Add((down, right));
            for (var i = 0; i < 9; i++)
            {
                var (y, x) = (i / 3 - down, i % 3 - right);
                Assert.Equal(y is >= 0 and < 3 && x is >= 0 and < 3 ? image[y * 3 + x] : -1, changed[i]);
            }
        }
        Assert.Equal(9, seen.Count);
    }

    [Fact] // 5000 values: mean 0 ± 4 · .1 / √5000, deviation .1 within 4 · .1 / √10000
    public void Noise_has_the_given_standard_deviation()
    {
        var noise = Changed(new NoiseOptions { StandardDeviation = 0.1 }, new(1, 50, 100), new float[5000]);
        Assert.Equal(0, noise.Average(), tolerance: 0.006);
        Assert.Equal(0.1, Math.Sqrt(noise.Average(value => value * value)), tolerance: 0.004);
    }

    [Fact] // a square of 2 has 4 pixels inside, and 2 or 1 at an edge of 4 × 4; in both channels the same
    public void Cutout_fills_a_square_in_every_channel()
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
        var flip = new VerticalFlipOptions { Probability = 1 };
        Assert.Equal([5, 6, 3, 4, 1, 2], Changed(flip, new(1, 3, 2), [1, 2, 3, 4, 5, 6]));
        var none = new VerticalFlipOptions { Probability = 0 };
        Assert.Equal([1, 2, 3, 4, 5, 6], Changed(none, new(1, 3, 2), [1, 2, 3, 4, 5, 6]));
    }

    // a dot 6 right of the centre moves to (6 cos φ, 6 sin φ) of (right, down), φ being the angle drawn, clockwise;
    // black is -1, so weights are value + 1
    [Fact]
    public void A_rotation_is_about_the_centre_by_the_angle_drawn()
    {
        var size = new ImageSize(1, 17, 17);
        float[] image = [.. Enumerable.Range(0, 289).Select(i => i == 8 * 17 + 14 ? 1f : -1f)];
        for (var id = 0; id < 30; id++)
        {
            var angle = Stream(id).Uniform(-90, 90) * Math.PI / 180;
            var rotated = Changed(new RotationOptions { Degrees = 90 }, size, image, id);
            var whole = rotated.Sum(value => value + 1);
            var right = rotated.Select((value, i) => (value + 1) * (i % 17 - 8)).Sum() / whole;
            var down = rotated.Select((value, i) => (value + 1) * (i / 17 - 8)).Sum() / whole;
            Assert.Equal(6 * Math.Cos(angle), right, tolerance: 0.5);
            Assert.Equal(6 * Math.Sin(angle), down, tolerance: 0.5);
        }
    }

    // at 10° and more the corners of 50 × 50 come from at least 24.5 (cos 10° + sin 10° - 1) = 3.9 pixels outside; the
    // centre is still the image
    [Fact]
    public void What_comes_from_outside_a_rotated_image_is_black()
    {
        var id = Enumerable.Range(0, 100).First(id => Math.Abs(Stream(id).Uniform(-45, 45)) > 10);
        float[] white = [.. Enumerable.Repeat(1f, 2500)];
        var rotated = Changed(new RotationOptions { Degrees = 45 }, new(1, 50, 50), white, id);
        Assert.Equal(-1, rotated[0]);
        Assert.Equal(1, rotated[25 * 50 + 25], tolerance: 1e-6f);
    }

    [Fact] // 5000 values uniform between -1 and 1: mean 0 ± 4 · .577 / √5000, deviation 1 / √3
    public void Uniform_noise_is_from_black_to_white_and_has_its_probability()
    {
        var noise = Changed(new UniformNoiseOptions { Probability = 1 }, new(1, 50, 100), new float[5000]);
        Assert.All(noise, value => Assert.InRange(value, -1, 1));
        Assert.Equal(0, noise.Average(), tolerance: 0.033);
        Assert.Equal(1 / Math.Sqrt(3), Math.Sqrt(noise.Average(value => value * value)), tolerance: 0.02);

        var usual = new UniformNoiseOptions();
        var replaced = Enumerable.Range(0, 1000).Count(id => Changed(usual, new(1, 1, 1), [0], id)[0] != 0);
        Assert.InRange(replaced, 150, 250);                                    // 200 ± 4 √160
    }

    // black -1 and white 1: 0 is half-way, .5; times a factor from .8 to 1.2 it is from .4 to .6, so from -.2 to .2
    [Fact]
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
        var only = new ColorJitterOptions { Brightness = 0, Saturation = 0, Hue = 0 };
        var changed = Changed(only, new(1, 1, 2), [-0.5f, 0.5f]);
        Assert.Equal(0, changed[0] + changed[1], tolerance: 1e-6f);
        Assert.NotEqual(0.5f, changed[1]);
    }

    // pure red rotated by a fraction h of the circle, up to a sixth, is (1, 6 h, 0); grey has no hue and stays
    [Fact]
    public void Hue_is_rotated_by_the_fraction_drawn()
    {
        var only = new ColorJitterOptions { Brightness = 0, Contrast = 0, Saturation = 0, Hue = 0.16 };
        for (var id = 0; id < 20; id++)
        {
            var random = Stream(id);
            for (var draw = 0; draw < 3; draw++) random.Uniform();
            var hue = random.Uniform(-0.16, 0.16);
            var (green, blue) = hue > 0 ? (6 * hue, 0.0) : (0.0, -6 * hue);
            var changed = Changed(only, new(3, 1, 2), [1, 0, -1, 0, -1, 0], id);     // a red and a grey pixel
            Assert.Equal(1f, changed[0], tolerance: 1e-5f);
            Assert.Equal((float)(2 * green - 1), changed[2], tolerance: 1e-5f);
            Assert.Equal((float)(2 * blue - 1), changed[4], tolerance: 1e-5f);
            foreach (var grey in (int[])[1, 3, 5]) Assert.Equal(0, changed[grey], tolerance: 1e-5f);
        }
    }

    [Fact] // λ = ¼, x = (4, 0), partners (1, 0): ¼ · 4 + ¾ · 0 = 1 and ¼ · 0 + ¾ · 4 = 3
    public void Mixup_of_four_and_zero()
    {
        float[] values = [4, 0];
        MixupOptions.Blend(values, [1, 0], 0.25f);
        Assert.Equal([1, 3], values);
    }

    [Fact]
    public void A_mixed_batch_has_both_labels_and_the_pixels_match_them()
    {
        var options = new IdxOptions
        {
            Path = DataFiles.Idx(),
            Validation = 1,
            Augmentation = [new MixupOptions()],
            Normalization = new(1, [0], [1]),
        };
        var data = options.Open();
        var (plain, mixed) = (new HostBatch(), new HostBatch());
        data.Training.Load([0, 1, 2, 3], View.Plain, plain);
        data.Training.Load([0, 1, 2, 3], new(1, 0), mixed);
        Assert.InRange(mixed.LabelShare, 0.001, 0.999);

        var before = plain.Float32("pixel_values", [1, 2, 3]);
        var after = mixed.Float32("pixel_values", [1, 2, 3]);
        for (var i = 0; i < 4; i++)
        {
            // the partner's first pixel is 6 · id; odd ids are class 1
            var partner = (after[i * 6] - mixed.LabelShare * before[i * 6]) / (1 - mixed.LabelShare);
            Assert.Equal(Math.Round(partner / 6) % 2, mixed.OtherLabels[i]);
        }
    }

    [Fact]
    public void An_augmented_example_depends_on_seed_epoch_and_id_alone()
    {
        AugmentationOptions[] augmentation = [new NoiseOptions(), new CropOptions { Pad = 1 }];
        var data = new IdxOptions { Path = DataFiles.Idx(), Validation = 1, Augmentation = augmentation }.Open();
        float[] LoadLast(View view, params int[] positions)
        {
            var batch = new HostBatch();
            data.Training.Load(positions, view, batch);
            return batch.Float32("pixel_values", [1, 2, 3])[^6..].ToArray();
        }

        var once = LoadLast(new(3, 5), 4, 0, 2);
        Assert.Equal(once, LoadLast(new(3, 5), 2));                            // in another batch
        Assert.NotEqual(once, LoadLast(new(3, 6), 2));
        Assert.NotEqual(once, LoadLast(new(4, 5), 2));
        Assert.Equal(LoadLast(View.Plain, 2), LoadLast(View.Plain, 1, 2));
    }

    static RandomStream Stream(int id) => new(1, StreamKey.Augmentation, 0, id);

    static float[] Changed(AugmentationOptions augmentation, ImageSize size, float[] image, int id = 0)
    {
        var changed = image.ToArray();
        var random = Stream(id);
        float[] black = [.. Enumerable.Repeat(-1f, size.Channels)];
        float[] white = [.. Enumerable.Repeat(1f, size.Channels)];
        augmentation.Change(changed, size, new(black, white), ref random);
        return changed;
    }
}
