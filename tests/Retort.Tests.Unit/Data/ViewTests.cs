using Retort.Data;
using Retort.Data.Augmentation;

namespace Retort.Tests.Data;

/// <summary>Repeated views: epoch e shows view e mod V, whatever the run's seed.</summary>
public sealed class ViewTests
{
    static readonly NoiseOptions Noise = new();

    [Fact]
    public void Every_seed_sees_the_same_views_in_turn()
    {
        var data = Open(views: 3).Training;
        Assert.Equal(3, data.Views);
        var (one, index) = Load(data, new(1, 4));
        Assert.Equal(1, index);
        Assert.Equal(one, Load(data, new(2, 4)).Values);                      // another seed
        Assert.Equal(one, Load(data, new(1, 1)).Values);                      // three epochs before
        Assert.Equal(one, Load(data, new(0, 1)).Values);                      // as for a cache
        Assert.NotEqual(one, Load(data, new(1, 5)).Values);
        Assert.NotEqual(one, Load(data, View.Plain).Values);
        Assert.Null(Load(data, View.Plain).Index);
    }

    [Fact]
    public void Views_are_drawn_from_the_datas_own_seed()
    {
        var other = (Options(views: 3) with { SplitSeed = 2 }).Open();
        Assert.Equal(2, other.Training.ViewSeed);
        Assert.NotEqual(Load(Open(views: 3).Training, new(1, 1)).Values, Load(other.Training, new(1, 1)).Values);
    }

    [Fact]
    public void Without_views_every_epoch_is_drawn_anew_and_has_no_index()
    {
        var data = Open(views: null).Training;
        Assert.Null(data.Views);
        Assert.Null(Load(data, new(1, 0)).Index);
        Assert.NotEqual(Load(data, new(1, 0)).Values, Load(data, new(2, 0)).Values);
    }

    [Fact]
    public void Without_augmentation_there_is_one_view()
    {
        var data = new IdxOptions { Path = DataFiles.Idx(), Validation = 1 }.Open().Training;
        Assert.Equal(1, data.Views);
        Assert.Equal(0, Load(data, new(5, 7)).Index);
        Assert.Equal(0, Load(data, View.Plain).Index);
        Assert.Equal(1, new ToyOptions().Open().Training.Views);
    }

    [Fact]
    public void A_trained_teacher_sees_new_views_and_evaluation_plain_ones()
    {
        var data = Open(views: 3);
        Assert.Null(data.TeacherTraining.Views);
        Assert.Equal(3, data.Labelled.Views);
        Assert.Equal(1, data.Test.Views);
    }

    [Fact]
    public void Views_make_no_sense_without_augmentation_or_with_mixup()
    {
        var plain = new IdxOptions { Path = DataFiles.Idx(), Views = 2 };
        var error = Assert.Throws<InvalidDataException>(plain.Open);
        Assert.Contains("\"views\" needs an \"augmentation\"", error.Message, StringComparison.Ordinal);
        var mixed = plain with { Augmentation = [Noise, new MixupOptions()] };
        error = Assert.Throws<InvalidDataException>(mixed.Open);
        Assert.Contains("cannot have \"views\" with \"mixup\"", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>((plain with { Views = 0 }).Open);
    }

    static Dataset Open(int? views) => Options(views).Open();

    static IdxOptions Options(int? views) => new()
    {
        Path = DataFiles.Idx(), Validation = 1, Augmentation = [Noise], Views = views, Normalization = new(1, [0], [1]),
    };

    static (float[] Values, int? Index) Load(IDataSplit data, View view)
    {
        var batch = new HostBatch();
        data.Load([0, 3, 2], view, batch);
        return (batch.Float32("pixel_values", [1, 2, 3]).ToArray(), batch.ViewIndex);
    }
}
