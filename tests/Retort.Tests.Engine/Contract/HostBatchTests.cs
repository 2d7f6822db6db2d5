namespace Retort.Tests.Contract;

/// <summary>A batch in managed arrays and as tensors.</summary>
public sealed class HostBatchTests
{
    static HostBatch Of(int count)
    {
        var batch = new HostBatch();
        batch.Reset(count);
        return batch;
    }

    [Fact]
    public void Sequences_are_padded_to_the_longest_and_the_mask_says_where_they_end()
    {
        using var scope = torch.NewDisposeScope();
        var host = Of(3);
        host.Pad("input_ids", [new long[] { 5, 6, 7 }, new long[] { 8 }, Array.Empty<long>()], padding: 9);
        var inputs = host.ToBatch().Inputs;
        Assert.Equal(["input_ids", "attention_mask"], inputs.Parts.Select(part => part.Name));
        Assert.Equal([3L, 3], inputs.InputIds.shape);
        Assert.Equal([5, 6, 7, 8, 9, 9, 9, 9, 9], inputs.InputIds.ToLongArray());
        Assert.Equal([1, 1, 1, 1, 0, 0, 0, 0, 0], inputs.AttentionMask.ToLongArray());
    }

    [Fact] // the arrays of the longer batch are used again: nothing of it may be left
    public void A_shorter_batch_after_a_longer_one_is_as_long_as_its_own_longest()
    {
        using var scope = torch.NewDisposeScope();
        var host = Of(2);
        host.Pad("input_ids", [new long[] { 5, 6, 7 }, new long[] { 8, 9, 10 }]);
        host.Reset(2);
        host.Pad("input_ids", [new long[] { 1 }, new long[] { 2, 3 }]);
        var inputs = host.ToBatch().Inputs;
        Assert.Equal([1, 0, 2, 3], inputs.InputIds.ToLongArray());
        Assert.Equal([1, 0, 1, 1], inputs.AttentionMask.ToLongArray());
    }

    [Fact]
    public void Empty_sequences_alone_are_one_entry_of_padding()
    {
        using var scope = torch.NewDisposeScope();
        var host = Of(1);
        host.Pad("input_ids", [ReadOnlyMemory<long>.Empty], mask: null);
        Assert.Equal([1L, 1], host.ToBatch().Inputs.InputIds.shape);
        Assert.Null(host.ToBatch().Inputs.Find("attention_mask"));
    }

    [Fact]
    public void Each_input_keeps_its_type_and_shape()
    {
        using var scope = torch.NewDisposeScope();
        var host = Of(2);
        new float[] { 1, 2, 3, 4 }.CopyTo(host.Float32("features", [2]));
        new long[] { 5, 6 }.CopyTo(host.Int64("token_type_ids", [1]));
        new byte[] { 1, 0, 0, 1, 1, 0 }.CopyTo(host.Bool("mask", [3]));
        var inputs = host.ToBatch().Inputs;
        Assert.Equal([torch.ScalarType.Float32, torch.ScalarType.Int64, torch.ScalarType.Bool],
            inputs.Parts.Select(part => part.Value.dtype));
        Assert.Equal([1, 2, 3, 4], inputs["features"].ToFloatArray());
        Assert.Equal([5, 6], inputs["token_type_ids"].ToLongArray());
        Assert.Equal([1, 0, 0, 1, 1, 0], inputs["mask"].ToLongArray());
        Assert.Equal([2L, 3], inputs["mask"].shape);
        Assert.Equal("This data has no input 'pixel_values'; it has features, token_type_ids, mask.",
            Assert.Throws<InvalidOperationException>(() => inputs.PixelValues).Message);
    }

    [Fact]
    public void A_teacher_with_inputs_of_its_own_gets_those_and_any_other_the_students()
    {
        using var scope = torch.NewDisposeScope();
        var host = Of(1);
        host.Pad("input_ids", [new long[] { 1, 2 }]);
        Assert.Same(host.ToBatch() is var same ? same.Inputs : null, same.TeacherInputs);

        host.Pad("input_ids", [new long[] { 7, 8, 9 }], teacher: true);
        var batch = host.ToBatch();
        Assert.Equal([1, 2], batch.Inputs.InputIds.ToLongArray());
        Assert.Equal([7, 8, 9], batch.TeacherInputs.InputIds.ToLongArray());
    }

    [Fact]
    public void Labels_are_unknown_until_they_are_filled()
    {
        using var scope = torch.NewDisposeScope();
        var host = Of(3);
        host.Labels[1] = 4;
        var batch = host.ToBatch();
        Assert.Equal([-1, 4, -1], batch.Labels.ToLongArray());
        Assert.Equal((1, 3), (batch.Labelled, batch.Count));
        Assert.Null(batch.Targets);
        Assert.Null(batch.OtherLabels);

        host.Reset(3);
        Assert.Equal(0, host.ToBatch().Labelled);
    }

    [Fact]
    public void Targets_keep_what_is_not_known()
    {
        using var scope = torch.NewDisposeScope();
        var host = Of(2);
        new float[] { 1, float.NaN, 0, 0.5f }.CopyTo(host.Targets(2));
        var targets = host.ToBatch().Targets!;
        Assert.Equal([2L, 2], targets.shape);
        Assert.Equal([1, float.NaN, 0, 0.5f], targets.ToFloatArray());

        host.Reset(2);
        Assert.Equal((0, true), (host.TargetWidth, host.ToBatch().Targets is null));
    }

    [Fact]
    public void An_input_that_is_not_filled_again_is_not_shown()
    {
        using var scope = torch.NewDisposeScope();
        var host = Of(1);
        host.Float32("features", [2]);
        host.Reset(1);
        host.Float32("input_values", [3]);
        Assert.Equal(["input_values"], host.ToBatch().Inputs.Parts.Select(part => part.Name));
    }

    [Fact]
    public void A_copy_has_all_of_it_and_arrays_of_its_own()
    {
        using var scope = torch.NewDisposeScope();
        var host = Of(2);
        host.Pad("input_ids", [new long[] { 1 }, new long[] { 2 }]);
        new byte[] { 1, 0 }.CopyTo(host.Bool("mask", [1], teacher: true));
        new float[] { 3, 4 }.CopyTo(host.Targets(1));
        (host.Labels[0], host.OtherLabels[0], host.OtherLabels[1]) = (7, 8, -1);
        (host.Ids[0], host.Ids[1], host.LabelShare, host.ViewIndex) = (11, 12, 0.75, 2);
        var copy = host.Copy();
        host.Reset(2);
        host.Int64("input_ids", [1]).Fill(99);

        var batch = copy.ToBatch();
        Assert.Equal([1, 2], batch.Inputs.InputIds.ToLongArray());
        Assert.Equal([1, 0], batch.TeacherInputs["mask"].ToLongArray());
        Assert.Equal([3, 4], batch.Targets!.ToFloatArray());
        Assert.Equal([7, -1], batch.Labels.ToLongArray());
        Assert.Equal([8, -1], batch.OtherLabels!.ToLongArray());
        Assert.Equal([11, 12], batch.Ids);
        Assert.Equal((0.75, 1, 1, 2), (batch.LabelShare, batch.Labelled, batch.OtherLabelled, batch.ViewIndex));
    }
}
