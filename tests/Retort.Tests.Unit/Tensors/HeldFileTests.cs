using Retort.Tensors.Files;
using Retort.Tests.Contract;

namespace Retort.Tests.Tensors;

public sealed class HeldFileTests
{
    [Theory] // whoever lets a file go that does not stay removes its name before its lock: who opened it in between holds nothing
    [InlineData(true)]
    [InlineData(false)]
    public void Never_do_two_hold_a_file_at_once(bool leave)
    {
        var path = Path.Combine(Few.Folder(), "x.claim");
        var (holders, most, held) = (0, 0, 0);
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 1500; i++)
            {
                using var mine = LockFile.TryAcquire(path, leave);
                if (mine is null) continue;
                var now = Interlocked.Increment(ref holders);
                if (now > Volatile.Read(ref most)) Volatile.Write(ref most, now);
                Interlocked.Increment(ref held);
                Thread.SpinWait(100);
                Interlocked.Decrement(ref holders);
            }
        }))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.Equal(1, most);
        Assert.InRange(held, 50, 6000);
        Assert.Equal(leave, File.Exists(path));
    }

    [Fact] // as one finds who opened it just before another let it go: its name is gone, or a newer file's
    public void A_file_that_has_lost_its_name_is_told_from_the_one_that_has_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There a name goes with its last handle.");
        var path = Path.Combine(Few.Folder(), "x.claim");
        using var first = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        Assert.True(LockFile.HasItsName(first));
        File.Delete(path);
        Assert.False(LockFile.HasItsName(first));
        using var second = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        Assert.True(LockFile.HasItsName(second));
        Assert.False(LockFile.HasItsName(first));
    }

    [Fact]
    public void It_says_who_holds_it_and_where_it_cannot_be_made()
    {
        var path = Path.Combine(Few.Folder(), "lock");
        using (LockFile.TryAcquire(path, leave: true)) Assert.Null(LockFile.TryAcquire(path, leave: true));
        Assert.Equal($"process {Environment.ProcessId} on {Environment.MachineName}\n", File.ReadAllText(path));
        var missing = Path.Combine(Path.GetDirectoryName(path)!, "nowhere", "lock");
        Assert.Equal($"{missing} cannot be written: its folder does not exist.", Assert.Throws<IOException>(() => LockFile.TryAcquire(missing, leave: false)).Message);
    }
}
