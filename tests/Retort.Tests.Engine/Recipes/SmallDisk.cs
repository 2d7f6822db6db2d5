using System.Diagnostics;
using Retort.Tests.Contract;

namespace Retort.Tests.Recipes;

/// <summary>A disk of its own in memory: small, or one that can only be read.</summary>
sealed class SmallDisk : IDisposable
{
    const int Page = 4096;

    SmallDisk(string path) => Path = path;

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>
    /// Mounts one of this many megabytes; the test is skipped, and says so, where that is not possible.
    /// </summary>
    public static SmallDisk Mounted(int megabytes)
    {
        var path = Few.Folder();
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Done("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path),
            "A small tmpfs cannot be mounted here: it takes Linux and root.");
        return new(path);
    }

    /// <summary>Leaves room for so many pages of 4096 bytes and no more; the file that takes the rest.</summary>
    public string FillUpTo(int pagesLeft)
    {
        var filling = System.IO.Path.Combine(Path, "filling");
        var free = new DriveInfo(Path).AvailableFreeSpace;
        File.WriteAllBytes(filling, new byte[free - (long)pagesLeft * Page]);
        return filling;
    }

    /// <summary>From now on nothing can be written to it, by root neither.</summary>
    public void OnlyRead() => Assert.True(Done("mount", "-o", "remount,ro", Path));

    public void Grow(int megabytes) => Assert.True(Done("mount", "-o", $"remount,size={megabytes}m", Path));

    public void Dispose() => Assert.True(Done("umount", Path));

    static bool Done(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception) { return false; }      // no such program
    }
}
