using Retort.Data;
using Retort.Data.Augmentation;

namespace Retort.Tests.Data;

/// <summary>Views that come again: pass e shows view e mod V, whoever asks.</summary>
public sealed class ViewTests
{
    static readonly NoiseOptions Noise = new();

    [Fact]
    public void Every_seed_sees_the_same_views_in_turn()
    {
        var data = Open(views: 3).Training;
        Assert.Equal(3, data.Views);
        var (one, number) = Shown(data, new(1, 4));
        Assert.Equal(1, number);
        Assert.Equal(one, Shown(data, new(2, 4)).Values);                      // another seed
        Assert.Equal(one, Shown(data, new(1, 1)).Values);                      // three passes before
        Assert.Equal(one, Shown(data, new(0, 1)).Values);                      // as a cache asks
        Assert.NotEqual(one, Shown(data, new(1, 5)).Values);
        Assert.NotEqual(one, Shown(data, View.Plain).Values);
        Assert.Null(Shown(data, View.Plain).Number);
    }

    [Fact]
    public void Views_are_drawn_from_the_datas_own_seed()
    {
        var other = new IdxOptions { Path = Written.Idx(), Validation = 1, Augmentation = [Noise], Views = 3, SplitSeed = 2, Normalization = new(1, [0], [1]) }.Open();
        Assert.Equal(2, other.Training.ViewSeed);
        Assert.NotEqual(Shown(Open(views: 3).Training, new(1, 1)).Values, Shown(other.Training, new(1, 1)).Values);
    }

    [Fact]
    public void Without_views_every_pass_is_new_and_has_no_number()
    {
        var data = Open(views: null).Training;
        Assert.Null(data.Views);
        Assert.Null(Shown(data, new(1, 0)).Number);
        Assert.NotEqual(Shown(data, new(1, 0)).Values, Shown(data, new(2, 0)).Values);
    }

    [Fact]
    public void Without_augmentation_there_is_one_view()
    {
        var data = new IdxOptions { Path = Written.Idx(), Validation = 1 }.Open().Training;
        Assert.Equal(1, data.Views);
        Assert.Equal(0, Shown(data, new(5, 7)).Number);
        Assert.Equal(0, Shown(data, View.Plain).Number);
        Assert.Equal(1, new ToyOptions().Open().Training.Views);
    }

    [Fact]
    public void A_teacher_that_is_trained_sees_every_pass_anew_and_evaluation_nothing_of_it()
    {
        var data = Open(views: 3);
        Assert.Null(data.TeacherTraining.Views);
        Assert.Equal(3, data.Labelled.Views);
        Assert.Equal(1, data.Test.Views);
    }

    [Fact]
    public void Views_make_no_sense_without_augmentation_or_with_mixup()
    {
        var plain = new IdxOptions { Path = Written.Idx(), Views = 2 };
        Assert.Contains("\"views\" needs an \"augmentation\"", Assert.Throws<InvalidDataException>(plain.Open).Message, StringComparison.Ordinal);
        var mixed = plain with { Augmentation = [Noise, new MixupOptions()] };
        Assert.Contains("cannot have \"views\" with \"mixup\"", Assert.Throws<InvalidDataException>(mixed.Open).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>((plain with { Views = 0 }).Open);
    }

    static Dataset Open(int? views) =>
        new IdxOptions { Path = Written.Idx(), Validation = 1, Augmentation = [Noise], Views = views, Normalization = new(1, [0], [1]) }.Open();

    static (float[] Values, int? Number) Shown(IDataSplit data, View view)
    {
        var batch = new HostBatch();
        data.Load([0, 3, 2], view, batch);
        return (batch.Float32("pixel_values", [1, 2, 3]).ToArray(), batch.ViewIndex);
    }
}
