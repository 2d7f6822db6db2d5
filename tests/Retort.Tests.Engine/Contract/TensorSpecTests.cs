using System.Text.Json;

namespace Retort.Tests.Contract;

/// <summary>What one input of a network is.</summary>
public sealed class TensorSpecTests
{
    static readonly TensorSpec s_tokens = TensorSpec.Tokens("input_ids", longest: 128);

    [Fact] // 3 · 32 · 16
    public void Images_have_channels_height_and_width()
    {
        var spec = TensorSpec.PixelValues(3, 32, 16);
        Assert.Equal((1536, false, TensorType.Float32), (spec.Count, spec.Varies, spec.Type));
        Assert.Equal([3L, 32, 16], spec.Shape);
        Assert.Equal(["channels", "height", "width"], spec.Axes.Select(axis => axis.Name));
        Assert.Equal("pixel_values float32 [N, 3, 32, 16]", spec.ToString());
    }

    [Fact]
    public void Axes_of_other_ranks_are_numbered()
    {
        Assert.Equal(TensorSpec.Features(5), TensorSpec.Float32("features", 5));
        Assert.Equal(["axis1", "axis2"], TensorSpec.Float32("x", 2, 3).Axes.Select(axis => axis.Name));
    }

    [Fact]
    public void Tokens_vary_and_are_as_large_as_the_longest()
    {
        Assert.True(s_tokens.Varies);
        Assert.Equal([128L], s_tokens.Shape);
        Assert.Equal("input_ids int64 [N, sequence]", s_tokens.ToString());
        Assert.Null(s_tokens.Axes[0].Size);
    }

    [Fact]
    public void An_axis_without_any_size_has_no_shape()
    {
        var spec = new TensorSpec { Name = "input_values", Axes = [new("samples", null)] };
        Assert.Equal("The axis \"samples\" varies and no largest size is known.",
            Assert.Throws<InvalidOperationException>(() => spec.Shape).Message);
    }

    [Theory]
    [InlineData(TensorType.Float32, torch.ScalarType.Float32)]
    [InlineData(TensorType.Int64, torch.ScalarType.Int64)]
    [InlineData(TensorType.Bool, torch.ScalarType.Bool)]
    public void An_example_has_its_type_and_a_few_entries_where_it_varies(TensorType type, torch.ScalarType expected)
    {
        using var scope = torch.NewDisposeScope();
        var spec = new TensorSpec { Name = "x", Type = type, Axes = [new("sequence", null, 6), new("bands", 3)] };
        var (example, longer) = (spec.Example(2, varying: 4), spec.Example(1, varying: 100));
        Assert.Equal(expected, example.dtype);
        Assert.Equal([2L, 4, 3], example.shape);
        Assert.Equal([1L, 6, 3], longer.shape);
    }

    [Fact]
    public void Specs_are_equal_by_what_they_say()
    {
        var one = TensorSpec.Float32("pixel_values", 1, 2, 2) with { Normalization = new(255, [0.5], [0.25]) };
        var other = TensorSpec.Float32("pixel_values", 1, 2, 2) with { Normalization = new(255, [0.5], [0.25]) };
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(one, other with { Normalization = null });
        Assert.NotEqual(one, other with { Name = "features" });
        Assert.NotEqual(one, other with { Type = TensorType.Bool });
        Assert.NotEqual(one, other with { Axes = TensorSpec.PixelValues(1, 2, 3).Axes });
    }

    [Fact]
    public void In_a_file_types_are_names()
    {
        var info = new DatasetInfo
        {
            Targets = TargetKind.Labels,
            Classes = ["a"],
            Inputs = [s_tokens, TensorSpec.Features(2) with { Normalization = new(1, [0, 0], [1, 1]) }],
            TeacherInputs = [TensorSpec.Features(3)],
        };
        var json = JsonSerializer.Serialize(info, Json.Line);
        Assert.Contains("\"targets\":\"labels\"", json, StringComparison.Ordinal);
        Assert.Contains(
            """{"name":"input_ids","type":"int64","axes":[{"name":"sequence","size":null,"maxSize":128}]}""",
            json, StringComparison.Ordinal);
        var read = JsonSerializer.Deserialize<DatasetInfo>(json, Json.Line)!;
        Assert.Equal(info.Inputs, read.Inputs);
        Assert.Equal(info.TeacherInputs, read.TeacherInputs!);
        Assert.Equal(TargetKind.Labels, read.Targets);
        var numbered = json.Replace("\"int64\"", "7", StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DatasetInfo>(numbered, Json.Line));
    }

    [Fact]
    public void A_network_of_one_input_names_what_the_data_has_instead()
    {
        var info = new DatasetInfo { Classes = ["a"], Inputs = [s_tokens, TensorSpec.Features(2)] };
        Assert.Equal("mlp takes one float32 input of fixed sizes; the data has input_ids int64 [N, sequence], "
            + "features float32 [N, 2].",
            Assert.Throws<InvalidOperationException>(() => info.OnlyInput("mlp")).Message);
        Assert.Equal("This network takes images; the data has input_ids, features.",
            Assert.Throws<InvalidOperationException>(() => info.ImageShape).Message);
    }

    [Fact]
    public void A_network_for_the_teacher_takes_the_teachers_inputs()
    {
        var info = new DatasetInfo { Classes = ["a"], Inputs = [s_tokens], TeacherInputs = [TensorSpec.Features(2)] };
        Assert.Equal(["features"], info.ForTeacher.Inputs.Select(input => input.Name));
        Assert.Null(info.ForTeacher.TeacherInputs);
        Assert.Same(info.ForTeacher.ForTeacher.Inputs, info.TeacherInputs);
    }
}
