using Retort.Fire.Damage;
using Sound = Retort.Fire.Damage.Samples;

namespace Retort.Tests.Data;

/// <summary>
/// Damaged files, by the hundred, for every reader there is: each is read or refused in our words, within its budget. This
/// is the only fuzz of readers; <c>./test slow</c> has its long round, in processes that may die (<c>tests/fire mutants</c>).
/// </summary>
public sealed class ReaderFuzz
{
    public static TheoryData<string> Every => [.. Readers.Names];

    [Theory, MemberData(nameof(Every))]
    public void A_damaged_file_is_read_or_refused_in_our_words_and_within_the_budget(string name)
    {
        var folder = Sound.Shared();
        try
        {
            var (reader, refused) = (Readers.Made(name, folder), 0);
            reader.Sound();
            for (var seed = 0; seed < 100; seed++)
            {
                var trial = reader.Try(seed);
                Assert.True(trial.Finding is null, $"tests/fire mutants --only {name} --seed {seed}: {trial.Finding}");
                refused += trial.Refused ? 1 : 0;
            }
            Assert.InRange(refused, 20, 100);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory] // names with line ends, told on by a library or by us; a card whose network cannot be built; numbers beyond all bounds
    [InlineData("tar.zst", 981)]
    [InlineData("convert", 26)]
    [InlineData("convert", 158)]
    [InlineData("parquet-pictures", 202120)]
    [InlineData("parquet-pictures", 302886)]
    [InlineData("parquet-texts", 202120)]
    [InlineData("student", 203018)]
    [InlineData("cache-shard", 302188)]
    [InlineData("run-folder", 200118)]
    [InlineData("run-folder", 200894)]
    [InlineData("run-folder", 300382)]
    public void What_was_found_once_is_found_no_more(string name, int seed)
    {
        var folder = Sound.Shared();
        try
        {
            var reader = Readers.Made(name, folder);
            reader.Sound();
            var trial = reader.Try(seed);
            Assert.True(trial.Finding is null, trial.Finding);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_seed_is_the_same_file_each_time_and_half_of_them_know_the_format()
    {
        var folder = Sound.Shared();
        try
        {
            var (one, other) = (Readers.Made("png", folder), Readers.Made("png", folder));
            for (var seed = 0; seed < 20; seed++) Assert.Equal(one.Mutant(seed).Content, other.Mutant(seed).Content);
            Assert.Contains(Enumerable.Range(0, 20).Select(seed => one.Mutant(2 * seed).Content), content => content.AsSpan(1).StartsWith("PNG"u8));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact] // what a trial may find: a foreign exception, a message without the file, too much memory
    public void What_must_not_be_is_found()
    {
        var folder = Directory.CreateTempSubdirectory("retort-fuzz-").FullName;
        Assert.StartsWith("FormatException came out of it", Finding(() => throw new FormatException()), StringComparison.Ordinal);
        Assert.StartsWith("its message does not name the file", Finding(() => throw new InvalidDataException("wrong")), StringComparison.Ordinal);
        Assert.StartsWith("its message has several lines", Finding(() => throw new InvalidDataException($"{folder}\nwrong")), StringComparison.Ordinal);
        Assert.StartsWith("it took ", Finding(() => GC.KeepAlive(new byte[2_000_000])), StringComparison.Ordinal);
        Assert.Null(Finding(() => throw new InvalidDataException($"{folder} is wrong.")));
        Assert.Null(Finding(() => { }));

        string? Finding(Action read) => new Reader
        {
            Name = "any", Folder = folder, Read = read, Budget = 1_000_000, Targets = [new(Path.Combine(folder, "x"), (whole, _) => whole, new byte[8])],
        }.Try(0).Finding;
    }

    [Fact] // 200 MB after 400 MB
    public void What_an_input_takes_after_a_larger_one_is_seen()
    {
        Assert.SkipUnless(ProcessMemory.ResetPeak(), "The system does not let a process reset its peak of memory.");
        Taken(100_000_000);
        Assert.True(Taken(50_000_000) > 100_000_000);

        static long Taken(int numbers)
        {
            ProcessMemory.ResetPeak();
            var before = ProcessMemory.Now();
            torch.ones(numbers).Dispose();
            return ProcessMemory.Peak() - before;
        }
    }
}
