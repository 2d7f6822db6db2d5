using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

public sealed class TensorConversionTests
{
    [Fact]
    public void Values_are_copied_in_the_order_of_the_shape()
    {
        using var scope = NewDisposeScope();
        float[] values = [.. Enumerable.Range(0, 24)];
        var x = values.ToTensor(1, 2, 3, 4);
        Assert.Equal([1L, 2, 3, 4], x.shape);
        Assert.Equal(values, x.ToFloatArray());
        Assert.Equal(values, x.ToMemoryFormat(MemoryFormat.ChannelsLast).ToFloatArray());
        Assert.Equal(values, x.to(ScalarType.BFloat16).ToFloatArray());     // integers up to 256 are exact
        Assert.Equal([0f, 4, 8, 1, 5, 9], x.select(1, 0).squeeze(0).Transpose().ToFloatArray()[..6]);
        Assert.Equal([-1L, 7], new long[] { -1, 7 }.ToTensor(2).ToLongArray());
    }

    [Fact]
    public void A_later_change_of_the_array_does_not_reach_the_tensor()
    {
        using var scope = NewDisposeScope();
        var values = new float[] { 1, 2 };
        var x = values.ToTensor(2);
        values[0] = 9;
        Assert.Equal([1f, 2], x.ToFloatArray());
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(2, 1)]
    public void A_shape_of_another_size_is_refused(long rows, long columns)
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => new float[4].ToTensor(rows, columns));
        Assert.StartsWith(
            $"[{rows}, {columns}] of Float32 takes {rows * columns * 4} bytes; 16 came.", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_built_inside_a_scope_outlives_it()
    {
        BatchNorm2d norm;
        using (NewDisposeScope()) norm = ModuleFactory.Create(() => new BatchNorm2d(2));
        using (norm)
            Assert.All(norm.state_dict().Values, value => Assert.False(value.IsInvalid));
    }
}
