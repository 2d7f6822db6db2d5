using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

public sealed class ShapeTests
{
    [Fact]
    public void A_letter_that_differs_is_named_with_the_tensor_that_set_it()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => Shape.Check(
            (zeros(32, 8), "B D", "teacher.Embedding"), (zeros(16, 64), "B E", "student.Embedding")));
        Assert.Equal(
            "student.Embedding is [16, 64]; [B, E] was expected with B = 32, set by teacher.Embedding.", error.Message);
    }

    [Theory]
    [InlineData("B 3 H W")]
    [InlineData(".. 8 8")]
    [InlineData("B C N N")]
    public void A_pattern_that_fits_passes(string pattern)
    {
        using var scope = NewDisposeScope();
        Shape.Check((zeros(2, 3, 8, 8), pattern, "pixel_values"));
    }

    [Theory]
    [InlineData("B 1 H W", "pixels is [2, 3, 8, 9]; [B, 1, H, W] was expected.")]
    [InlineData("B D", "pixels is [2, 3, 8, 9]; [B, D] was expected.")]
    [InlineData("B C N N", "pixels is [2, 3, 8, 9]; [B, C, N, N] was expected with N = 8, set by pixels.")]
    [InlineData(".. A B C D E", "pixels is [2, 3, 8, 9]; [.., A, B, C, D, E] was expected.")]
    public void A_pattern_that_does_not_fit_is_refused(string pattern, string sentence)
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => Shape.Check((zeros(2, 3, 8, 9), pattern, "pixels")));
        Assert.Equal(sentence, error.Message);
    }

    [Fact] // libtorch's matmul would end the process at each of these
    public void Products_that_do_not_fit_are_refused_before_libtorch_sees_them()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => zeros(3, 4).MatMul(zeros(3, 4)));
        Assert.Equal("MatMul: [3, 4] times [3, 4] does not fit; [.., N, D] times [.., D, M] does.", error.Message);
        Assert.Throws<ArgumentException>(() => zeros(2, 3, 4).MatMul(zeros(5, 4, 3)));
        Assert.Throws<ArgumentException>(() => zeros(4).MatMul(zeros(5)));
        Assert.Throws<ArgumentException>(() => zeros([]).MatMul(zeros(5)));
        Assert.Throws<ArgumentException>(() => zeros(3, 4).MatMul(zeros(4, 3, dtype: ScalarType.Float64)));
        Assert.Equal([3L], zeros(3, 4).MatMul(zeros(4)).shape);
        Assert.Equal([3L], zeros(4).MatMul(zeros(4, 3)).shape);
        Assert.Equal([2L, 5, 3, 3], zeros(2, 1, 3, 4).MatMul(zeros(5, 4, 3)).shape);
    }

    [Fact]
    public void A_layer_says_which_width_it_was_made_for()
    {
        using var scope = NewDisposeScope();
        using var linear = ModuleFactory.Create(() => new Linear(4, 2));
        using var convolution = ModuleFactory.Create(() => new Conv2d(3, 4, 3));
        Assert.Equal(
            "Linear: the last axis must be 4 long; [2, 5] came.",
            Assert.Throws<ArgumentException>(() => linear.call(zeros(2, 5))).Message);
        Assert.Equal(
            "Conv2d: 3 channels were expected in the second axis; [1, 1, 8, 8] came.",
            Assert.Throws<ArgumentException>(() => convolution.call(zeros(1, 1, 8, 8))).Message);
    }
}
