using System.Text.Json;
using Retort.Runs;
using Retort.Tests.House;

namespace Retort.Tests.Teachers;

/// <summary>
/// The small teachers of tools/golden/teachers.py: five pictures [1, 6, 5], four classes, an
/// embedding of 3, a stage of 3 channels.
/// </summary>
static class Tiny
{
    static readonly JsonElement Answers = JsonDocument.Parse(File.ReadAllText(At("answers.json"))).RootElement;

    public static DatasetInfo Info { get; } = Of([1, 6, 5]);

    public static string At(string name) => Repository.At($"tests/Golden/Teachers/{name}");

    public static DatasetInfo Of(long[] shape, int classes = 4, Normalization? normalization = null) => new()
    {
        Classes = [.. Enumerable.Range(0, classes).Select(k => $"class {k}")],
        Inputs =
        [
            TensorSpec.Float32(shape.Length == 3 ? "pixel_values" : "features", shape) with
            {
                Normalization = normalization,
            },
        ],
    };

    public static float[] Numbers(string name) =>
        [.. Answers.GetProperty(name).EnumerateArray().Select(number => number.GetSingle())];

    /// <summary>The first of the five pictures.</summary>
    public static Batch Batch(int count = 5, Func<float, float>? changed = null) => new()
    {
        Inputs = new((
            "pixel_values",
            Numbers("pixels").Take(count * 30).Select(changed ?? (x => x)).ToArray().ToTensor(count, 1, 6, 5))),
        Labels = torch.zeros(count, dtype: torch.ScalarType.Int64),
        Labelled = count,
        Ids = [.. Enumerable.Range(0, count)],
    };

    public static void Equal(string name, Tensor found, double tolerance = 1e-5)
    {
        var expected = Numbers(name);
        var numbers = found.ToFloatArray();
        Assert.Equal(torch.ScalarType.Float32, found.dtype);
        for (var i = 0; i < numbers.Length; i++) Assert.Equal(expected[i], numbers[i], tolerance);
        Assert.Equal(
            0, expected.Length % numbers.Length == 0 ? 0 : found.size(0) * expected.Length / 5 - numbers.Length);
    }
}
