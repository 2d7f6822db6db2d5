using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

public sealed class CopiesTests
{
    [Fact]
    public void Numbers_go_in_and_come_out_in_the_order_of_the_shape()
    {
        using var scope = NewDisposeScope();
        float[] numbers = [.. Enumerable.Range(0, 24)];
        var x = numbers.ToTensor(1, 2, 3, 4);
        Assert.Equal([1L, 2, 3, 4], x.shape);
        Assert.Equal(numbers, x.ToFloatArray());
        Assert.Equal(numbers, x.ToMemoryFormat(MemoryFormat.ChannelsLast).ToFloatArray());                       // another order in memory, the same here
        Assert.Equal(numbers, x.to(ScalarType.BFloat16).ToFloatArray());                             // whole numbers up to 256 are exact
        Assert.Equal([0f, 4, 8, 1, 5, 9], x.select(1, 0).squeeze(0).Transpose().ToFloatArray()[..6]);
        Assert.Equal([-1L, 7], new long[] { -1, 7 }.ToTensor(2).ToLongArray());
    }

    [Fact] // a later change of the array is not seen: it was copied
    public void A_copy_is_a_copy()
    {
        using var scope = NewDisposeScope();
        var numbers = new float[] { 1, 2 };
        var x = numbers.ToTensor(2);
        numbers[0] = 9;
        Assert.Equal([1f, 2], x.ToFloatArray());
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(2, 1)]
    public void A_shape_that_does_not_hold_them_is_refused(long rows, long columns)
    {
        using var scope = NewDisposeScope();
        var failure = Assert.Throws<ArgumentException>(() => new float[4].ToTensor(rows, columns));
        Assert.StartsWith($"[{rows}, {columns}] of Float32 takes {rows * columns * 4} bytes; 16 came.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_built_inside_a_scope_outlives_it()
    {
        BatchNorm2d norm;
        using (NewDisposeScope()) norm = ModuleFactory.Create(() => new BatchNorm2d(2));
        using (norm)
            Assert.All(norm.state_dict().Values, value => Assert.False(value.IsInvalid));
    }
}
