using System.Security.Cryptography;
using Retort.Data;
using static Retort.Tests.Data.BrokenServer;

namespace Retort.Tests.Data;

public sealed class DownloaderTests
{
    static readonly byte[] Content = Bytes(300_000);
    readonly string _folder = Directory.CreateTempSubdirectory("retort-get-").FullName;

    string Target => Path.Combine(_folder, "file.bin");

    [Fact]
    public async Task A_file_comes_whole_with_the_names_of_its_classes_and_leaves_nothing_else()
    {
        using var server = new BrokenServer(Content, Trick.Serve);
        var told = new List<DownloadProgress>();
        await Get(server, new Told(told));
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal("a\nb\n", File.ReadAllText(Path.Combine(_folder, "classes.txt")));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder).Length);
        Assert.Equal(new("file.bin", 300_000, 300_000), told[^1]);
        await Get(server);                                                     // it is there already
        Assert.Single(server.Ranges);
    }

    [Fact] // half of 300,000, then half of what is left, then the rest
    public async Task What_broke_off_goes_on_where_it_stopped()
    {
        using var server = new BrokenServer(Content, Trick.BreakOff, Trick.BreakOff, Trick.Serve);
        await Get(server);
        Assert.Equal(["", "bytes=150000-", "bytes=225000-"], server.Ranges);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_later_run_goes_on_from_the_part_that_is_kept()
    {
        using (var away = new BrokenServer(Content, Trick.BreakOff, Trick.Busy))
            Assert.Contains("broke off at byte 150000, 5 times in a row", (await Assert.ThrowsAsync<IOException>(() => Get(away))).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));
        using var server = new BrokenServer(Content, Trick.Serve);
        await Get(server);
        Assert.Equal(["bytes=150000-"], server.Ranges);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Theory]
    [InlineData(Trick.IgnoreRange)]
    [InlineData(Trick.Changed)]
    public async Task A_server_that_sends_the_whole_instead_of_the_rest_is_understood(Trick second)
    {
        using var server = new BrokenServer(Content, Trick.BreakOff, second);
        await Get(server);
        Assert.Equal(2, server.Ranges.Count);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_part_that_is_already_whole_is_checked_and_kept()
    {
        File.WriteAllBytes(Target + ".part", Content);
        using var server = new BrokenServer(Content, Trick.Serve);
        await Get(server);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_wrong_body_is_thrown_away()
    {
        using var server = new BrokenServer(Content, Trick.WrongBody);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Get(server));
        Assert.Contains($"brought 300000 bytes with the MD5 {Md5(new byte[300_000])}; by a test it must be {Md5(Content)}", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_refusal_and_a_body_without_end_are_not_tried_again()
    {
        using var missing = new BrokenServer(Content, Trick.NotFound);
        Assert.EndsWith("file.bin cannot be fetched: the server answers 404 Not Found.", (await Assert.ThrowsAnyAsync<IOException>(() => Get(missing))).Message, StringComparison.Ordinal);
        using var endless = new BrokenServer(Content, Trick.Endless);
        Assert.Contains("sends more than 600000 bytes", (await Assert.ThrowsAnyAsync<IOException>(() => Get(endless))).Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), (missing.Ranges.Count, endless.Ranges.Count));
    }

    [Fact]
    public void Each_set_has_digests_and_a_reader()
    {
        Assert.All(Downloads.Known, set =>
        {
            Assert.All(set.Files, file => Assert.Matches("^[0-9a-f]{32}$", file.Md5));
            Assert.Contains(set.Reader, Retort.Recipes.Registry.Data.Keys);
            Assert.EndsWith("/", set.Base.AbsoluteUri, StringComparison.Ordinal);
        });
        Assert.Contains("mnist, cifar-10", Assert.Throws<ArgumentException>(() => Downloads.Find("mnits")).Message, StringComparison.Ordinal);
    }

    async Task Get(BrokenServer server, IProgress<DownloadProgress>? progress = null)
    {
        using var client = new HttpClient();
        await new Downloader(client, TimeProvider.System) { Pause = TimeSpan.Zero }.GetAsync(new()
        {
            Name = "one", Summary = "", Reader = "idx", Licence = "", Page = "", DigestSource = "a test", Base = server.Base,
            Files = [new("file.bin", Md5(Content), Content.Length)], Classes = ["a", "b"],
        }, _folder, progress);
    }

    static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

#pragma warning disable CA5351 // what publishers give
    static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351

    sealed class Told(List<DownloadProgress> all) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => all.Add(value);
    }
}
