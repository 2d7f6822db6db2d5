using Retort.Fire.Damage;
using FireSamples = Retort.Fire.Damage.Samples;

namespace Retort.Tests.Data;

/// <summary>
/// A hundred damaged files for every reader: each is read or refused with an error of Retort's, within the reader's
/// memory limit. This is the only fuzz of readers; <c>./test slow</c> has its long form, in processes that may die
/// (<c>tests/fire mutants</c>).
/// </summary>
public sealed class ReaderFuzz
{
    public static TheoryData<string> Every => [.. Readers.Names];

    [Theory, MemberData(nameof(Every))]
    public void A_damaged_file_is_read_or_refused_within_its_memory_limit(string name)
    {
        var folder = FireSamples.Shared();
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

    // names with line ends in messages of a library or of Retort; a config.json whose network cannot be built; numbers
    // out of range
    [Theory]
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
    public void What_was_found_once_is_not_found_again(string name, int seed)
    {
        var folder = FireSamples.Shared();
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
    public void A_seed_gives_the_same_file_each_time_and_half_of_them_keep_the_format()
    {
        var folder = FireSamples.Shared();
        try
        {
            var (one, other) = (Readers.Made("png", folder), Readers.Made("png", folder));
            for (var seed = 0; seed < 20; seed++)
                Assert.Equal(one.Mutant(seed).Content, other.Mutant(seed).Content);
            Assert.Contains(
                Enumerable.Range(0, 20).Select(seed => one.Mutant(2 * seed).Content),
                content => content.AsSpan(1).StartsWith("PNG"u8));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_foreign_exception_a_message_without_the_file_and_too_much_memory_are_found()
    {
        var folder = Directory.CreateTempSubdirectory("retort-fuzz-").FullName;
        Finds("FormatException came out of it", () => throw new FormatException());
        Finds("its message does not name the file", () => throw new InvalidDataException("wrong"));
        Finds("its message has several lines", () => throw new InvalidDataException($"{folder}\nwrong"));
        Finds("it took ", () => GC.KeepAlive(new byte[2_000_000]));
        Assert.Null(Finding(() => throw new InvalidDataException($"{folder} is wrong.")));
        Assert.Null(Finding(() => { }));

        void Finds(string finding, Action read) =>
            Assert.StartsWith(finding, Finding(read), StringComparison.Ordinal);

        string? Finding(Action read) => new Reader
        {
            Name = "any", Folder = folder, Read = read, Budget = 1_000_000,
            Targets = [new(Path.Combine(folder, "x"), (whole, _) => whole, new byte[8])],
        }.Try(0).Finding;
    }

    [Fact] // 200 MB after 400 MB
    public void The_memory_of_an_input_after_a_larger_one_is_seen()
    {
        Assert.SkipUnless(ProcessMemory.ResetPeak(), "The system does not let a process reset its peak memory.");
        Allocated(100_000_000);
        Assert.True(Allocated(50_000_000) > 100_000_000);

        static long Allocated(int numbers)
        {
            ProcessMemory.ResetPeak();
            var before = ProcessMemory.Now();
            torch.ones(numbers).Dispose();
            return ProcessMemory.Peak() - before;
        }
    }
}
