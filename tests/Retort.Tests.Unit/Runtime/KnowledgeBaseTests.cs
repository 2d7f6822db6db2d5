using System.Numerics.Tensors;
using Retort.Runtime.Knowledge;
using Retort.Tests.Contract;

namespace Retort.Tests.Runtime;

/// <summary>What is written is found again: exactly, in order, by any number of threads and in any key type.</summary>
public sealed class KnowledgeBaseTests
{
    static readonly RetrievalSettings Settings = new(3, 0.5, 1);

    public static TheoryData<KeyType> Types => [.. Enum.GetValues<KeyType>()];

    [Theory, MemberData(nameof(Types))]
    public void Rows_come_back_with_ids_values_and_texts(KeyType type)
    {
        var builder = new KnowledgeBaseBuilder(2, 3, Settings) { KeyType = type, StudentHash = new('a', 64) };
        builder.Add([3, 4], [.5f, .25f, .25f], 17, "ein Süßes").Add([0, -2], [0, 0, 1], -4);
        using var knowledge = KnowledgeBase.Open(Written(builder));
        var (key, value) = (new float[2], new float[3]);
        knowledge.CopyKey(0, key);
        knowledge.CopyValue(0, value);
        Assert.Equal([.6, .8], key.Select(number => (double)number), Near(0.01));
        Assert.Equal([.5f, .25f, .25f], value);
        Assert.Equal((17, -4), (knowledge.IdOf(0), knowledge.IdOf(1)));
        Assert.Equal(("ein Süßes", ""), (knowledge.TextOf(0), knowledge.TextOf(1)));
        Assert.Equal(
            (2, 2, 3, type, true, new string('a', 64), Settings),
            (knowledge.Rows, knowledge.Width, knowledge.Classes, knowledge.KeyType, knowledge.HasTexts,
                knowledge.StudentHash, knowledge.Settings));
    }

    [Theory] // the mean cosine error of int8 in 384 numbers is below 1e-3
    [InlineData(KeyType.Float16, 0.99)]
    [InlineData(KeyType.Int8, 0.9)]
    public void Smaller_keys_find_nearly_the_same_rows(KeyType type, double recall)
    {
        const int k = 10;
        var builder = Random(2000, 32);
        using var exact = KnowledgeBase.Open(Written(builder));
        using var smaller = KnowledgeBase.Open(Written(KnowledgeBaseBuilder.From(exact, type)));
        Assert.True(smaller.Bytes < exact.Bytes);
        var random = new RandomStream(2, StreamKey.Data);
        var found = 0.0;
        for (var q = 0; q < 100; q++)
        {
            var query = Normal(ref random, 32);
            var (one, other) = (new Neighbor[k], new Neighbor[k]);
            exact.Search(query, one);
            smaller.Search(query, other);
            found += one.Select(row => row.Row).Intersect(other.Select(row => row.Row)).Count();
        }
        Assert.True(found / (100 * k) >= recall, FormattableString.Invariant($"{found / (100 * k)}"));
    }

    [Fact]
    public void A_search_finds_what_sorting_all_similarities_finds_also_in_pieces()
    {
        var file = Written(Random(40_000, 64));                            // 10 MB: three threads take a piece each
        using var one = KnowledgeBase.Open(file);
        using var three = KnowledgeBase.Open(file, threads: 3);
        var random = new RandomStream(3, StreamKey.Data);
        var query = Normal(ref random, 64);
        var key = new float[64];
        var sorted = Enumerable.Range(0, one.Rows).Select(row =>
        {
            one.CopyKey(row, key);
            return (Row: row, Similarity: TensorPrimitives.CosineSimilarity(key, query));
        }).OrderByDescending(row => row.Similarity).Take(7).Select(row => row.Row);
        var (first, second) = (new Neighbor[7], new Neighbor[7]);
        Assert.Equal((7, 7), (one.Search(query, first), three.Search(query, second)));
        Assert.Equal(sorted, first.Select(row => row.Row));
        Assert.Equal(first, second);
    }

    [Fact] // six rows with the same key, whose similarities are equal in every bit
    public void Of_equal_similarities_the_lower_row_comes_first()
    {
        var builder = new KnowledgeBaseBuilder(3, 1, Settings);
        for (var i = 0; i < 6; i++) builder.Add([1, 2, 3], [1], 10 - i).Add([-1, 2, 3], [1], 20 + i);
        using var knowledge = KnowledgeBase.Open(Written(builder));
        var nearest = new Neighbor[4];
        Assert.Equal(4, knowledge.Search([2, 4, 6], nearest));
        Assert.Equal([0, 2, 4, 6], nearest.Select(row => row.Row));
        Assert.Equal(4, knowledge.Search([2, 4, 6], nearest, exceptId: 8));                     // row 4
        Assert.Equal([0, 2, 6, 8], nearest.Select(row => row.Row));
    }

    [Fact]
    public void More_neighbors_than_rows_are_all_rows()
    {
        using var knowledge = KnowledgeBase.Open(Written(Random(5, 4)));
        Assert.Equal(5, knowledge.Search([1, 0, 0, 0], new Neighbor[99]));
        Assert.Equal(0, knowledge.Search([1, 0, 0, 0], []));
        Assert.Equal(5, knowledge.Search([0, 0, 0, 0], new Neighbor[99]));  // no direction: all are as similar
        Assert.Throws<ArgumentException>(() => knowledge.Search([1, 0], new Neighbor[1]));
        Assert.Throws<ArgumentException>(() => knowledge.Search([1, 0, 0, float.NaN], new Neighbor[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => knowledge.IdOf(5));
    }

    [Theory, MemberData(nameof(Types))]
    public void Rows_are_added_and_removed_by_a_new_file_and_the_others_stay_as_they_were(KeyType type)
    {
        var builder = Random(50, 8);
        using var first = KnowledgeBase.Open(Written(builder));
        var file = Written(KnowledgeBaseBuilder.From(first, type));
        var before = File.ReadAllBytes(file);
        using (var old = KnowledgeBase.Open(file))
        {
            var longer = KnowledgeBaseBuilder.From(old, settings: new(9, 1, 0.2));
            longer.Without(3, 5).Add([1, 0, 0, 0, 0, 0, 0, 0], [0, 1], 777).Write(file);
            Assert.Equal(50, old.Rows);                                     // an open reader keeps the old rows
            Assert.Equal(1, old.Search([1, 0, 0, 0, 0, 0, 0, 0], new Neighbor[1]));
        }
        using (var changed = KnowledgeBase.Open(file))
        {
            Assert.Equal((49, 777, 9), (changed.Rows, changed.IdOf(48), changed.Settings.Neighbors));
            Assert.DoesNotContain(3, Enumerable.Range(0, changed.Rows).Select(row => changed.IdOf(row)));
        }
        using var again = KnowledgeBase.Open(Written(KnowledgeBaseBuilder.From(first, type)));
        Assert.Equal(before, File.ReadAllBytes(again.Path));
        Assert.Equal(before, File.ReadAllBytes(Written(KnowledgeBaseBuilder.From(again))));
    }

    [Fact]
    public async Task Any_number_of_threads_search_at_once_and_a_close_waits_for_none()
    {
        var file = Written(Random(500, 16));
        var knowledge = KnowledgeBase.Open(file);
        var random = new RandomStream(4, StreamKey.Data);
        var query = Normal(ref random, 16);
        var expected = new Neighbor[5];
        knowledge.Search(query, expected);
        var started = new CountdownEvent(4);
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            started.Signal();
            try
            {
                while (true)
                {
                    var found = new Neighbor[5];
                    knowledge.Search(query, found);
                    Assert.Equal(expected, found);
                }
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        })).ToList();
        started.Wait(TestContext.Current.CancellationToken);
        using (var second = KnowledgeBase.Open(file)) Assert.Equal(500, second.Rows);
        knowledge.Dispose();
        Assert.All(await Task.WhenAll(readers), Assert.True);
    }

    [Fact]
    public void What_is_no_row_is_refused_when_it_is_added()
    {
        var builder = new KnowledgeBaseBuilder(2, 2, Settings);
        Assert.Throws<InvalidOperationException>(() => builder.Write(Path.Combine(Few.Folder(), "knowledge.base")));
        Assert.Throws<ArgumentException>(() => builder.Add([1], [1, 0], 0));
        Assert.Throws<ArgumentException>(() => builder.Add([0, 0], [1, 0], 0));
        Assert.Throws<ArgumentException>(() => builder.Add([float.NaN, 0], [1, 0], 0));
        Assert.Throws<ArgumentException>(() => builder.Add([1, 0], [1.5f, 0], 0));
        Assert.Throws<ArgumentException>(() => builder.Add([1, 0], [float.NaN, 0], 0));
        Assert.Equal(0, builder.Count);
    }

    internal static string Written(KnowledgeBaseBuilder builder)
    {
        var file = Path.Combine(Few.Folder(), "knowledge.base");
        builder.Write(file);
        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
        return file;
    }

    internal static KnowledgeBaseBuilder Random(int rows, int width)
    {
        var random = new RandomStream(1, StreamKey.Data);
        var builder = new KnowledgeBaseBuilder(width, 2, Settings);
        for (var i = 0; i < rows; i++)
        {
            var p = (float)random.Uniform();
            builder.Add(Normal(ref random, width), [p, 1 - p], i);
        }
        return builder;
    }

    internal static float[] Normal(ref RandomStream random, int width)
    {
        var values = new float[width];
        for (var d = 0; d < width; d++) values[d] = (float)random.Normal();
        return values;
    }

    static Func<double, double, bool> Near(double tolerance) => (one, other) => Math.Abs(one - other) <= tolerance;
}
