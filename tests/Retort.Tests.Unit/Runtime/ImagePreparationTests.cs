using Retort.Contracts;
using Retort.Export;

namespace Retort.Tests.Runtime;

/// <summary>The words of a student's README about its images.</summary>
public sealed class ImagePreparationTests
{
    static DatasetInfo Info(long channels, long height, long width) => new()
    {
        Classes = ["a", "b"],
        Inputs =
        [
            TensorSpec.PixelValues(channels, height, width) with
            {
                Normalization = new(255, [.. Enumerable.Repeat(0.4737, (int)channels)], [0.2, 0.21, 0.22]),
            },
        ],
    };

    [Fact]
    public void Color_size_scale_and_normalization_are_said()
    {
        var section = ImagePreparation.Section(Info(3, 32, 32));
        foreach (var words in (string[])
        [
            "red, green, blue, in this order",
            "the largest square in its middle and resize it to 32 × 32 with a\n   triangle",
            "Divide by 255, so that values are from 0 to 1", "[3, 32, 32], float32",
            "subtracts the mean (0.4737, 0.4737, 0.4737)",
            "and divides by the standard deviation (0.2000, 0.2100, 0.2200)",
        ])
            Assert.Contains(words, section, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_is_not_square_must_have_its_size() => Assert.Contains(
        "The image must be 28 high and 20 wide", ImagePreparation.Section(Info(1, 28, 20)), StringComparison.Ordinal);

    [Fact]
    public void Other_inputs_have_no_section() => Assert.Equal(
        "", ImagePreparation.Section(new() { Classes = ["a", "b"], Inputs = [TensorSpec.Features(4)] }));
}
