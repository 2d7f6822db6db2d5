using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Tests.Samples;

namespace Retort.Tests.Tensors;

public sealed class LockFileTests
{
    [Theory] // a file that does not stay is deleted before its lock ends: who opened it in between holds nothing
    [InlineData(true)]
    [InlineData(false)]
    public void Two_threads_never_hold_a_lock_at_once(bool keepFile)
    {
        var path = Path.Combine(Few.Folder(), "x.claim");
        var (holders, most, acquired) = (0, 0, 0);
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(AcquireAndRelease))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.Equal(1, most);
        Assert.InRange(acquired, 50, 6000);
        Assert.Equal(keepFile, File.Exists(path));

        void AcquireAndRelease()
        {
            for (var i = 0; i < 1500; i++)
            {
                using var held = LockFile.TryAcquire(path, keepFile);
                if (held is null) continue;

                var now = Interlocked.Increment(ref holders);
                if (now > Volatile.Read(ref most)) Volatile.Write(ref most, now);
                Interlocked.Increment(ref acquired);
                Thread.SpinWait(100);
                Interlocked.Decrement(ref holders);
            }
        }
    }

    [Fact] // a process that opens the file just before another releases it: its name is gone, or a newer file's
    public void A_file_that_lost_its_name_is_recognized()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows a name goes with its last handle.");
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
    public void It_names_its_holder_while_it_is_held()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows reads no locked file.");
        var path = Path.Combine(Few.Folder(), "lock");
        using (LockFile.TryAcquire(path, keepFile: true))
        {
            Assert.Null(LockFile.TryAcquire(path, keepFile: true));
            using var cat = new Started("cat", path);
            Assert.Equal($"process {Environment.ProcessId} on {Environment.MachineName}\n", cat.End().Said);
        }
        Assert.Equal("", File.ReadAllText(path));
    }

    [Fact]
    public void A_path_where_it_cannot_be_created_is_named()
    {
        var path = Path.Combine(Few.Folder(), "lock");
        var missing = Path.Combine(Path.GetDirectoryName(path)!, "nowhere", "lock");
        var error = Assert.Throws<FileWriteException>(() => LockFile.TryAcquire(missing, keepFile: false));
        Assert.Equal($"{missing} cannot be written: its folder does not exist.", error.Message);
    }
}
