using Retort.Data;
using Retort.Tests.House;

namespace Retort.Tests.Data;

public sealed class ParquetTests
{
    static string At(string name) => Repository.At($"tests/Retort.Tests/Golden/Data/{name}");

    [Fact]
    public void Pictures_are_read_from_their_bytes()
    {
        var data = new ParquetOptions { Path = At("mnist-64.parquet") }.Open();
        Assert.Equal((1L, 28L, 28L), data.Facts.Pixels);
        Assert.Equal(64, data.Training.Count + data.Validation.Count + data.Test.Count);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], data.Facts.Classes);
    }
}
