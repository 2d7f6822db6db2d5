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
    public async Task A_file_and_the_class_names_are_saved_and_nothing_else()
    {
        using var server = new BrokenServer(Content, Trick.Serve);
        var reports = new List<DownloadProgress>();
        await Get(server, new Recorder(reports));
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal("a\nb\n", File.ReadAllText(Path.Combine(_folder, "classes.txt")));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder).Length);
        Assert.Equal(new("file.bin", 300_000, 300_000), reports[^1]);
        await Get(server);                                                     // nothing is downloaded again
        Assert.Single(server.Ranges);
    }

    [Fact] // half of 300,000, then half of what is left, then the rest
    public async Task A_download_continues_where_it_broke_off()
    {
        using var server = new BrokenServer(Content, Trick.BreakOff, Trick.BreakOff, Trick.Serve);
        await Get(server);
        Assert.Equal(["", "bytes=150000-", "bytes=225000-"], server.Ranges);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_later_run_continues_from_the_part_on_disk()
    {
        using (var busy = new BrokenServer(Content, Trick.BreakOff, Trick.Busy))
        {
            var error = await Assert.ThrowsAsync<IOException>(() => Get(busy));
            Assert.Contains("broke off at byte 150000, 5 times in a row", error.Message, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(Target));
        using var server = new BrokenServer(Content, Trick.Serve);
        await Get(server);
        Assert.Equal(["bytes=150000-"], server.Ranges);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Theory]
    [InlineData(Trick.IgnoreRange)]
    [InlineData(Trick.Changed)]
    public async Task A_server_may_send_the_whole_file_instead_of_the_rest(Trick second)
    {
        using var server = new BrokenServer(Content, Trick.BreakOff, second);
        await Get(server);
        Assert.Equal(2, server.Ranges.Count);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_complete_part_is_checked_and_used()
    {
        File.WriteAllBytes(Target + ".part", Content);
        using var server = new BrokenServer(Content, Trick.Serve);
        await Get(server);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_wrong_body_is_deleted()
    {
        using var server = new BrokenServer(Content, Trick.WrongBody);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Get(server));
        Assert.Contains(
            $"has the MD5 {Md5(new byte[300_000])} (300000 bytes); according to a test it must be {Md5(Content)}",
            error.Message,
            StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_refusal_and_an_endless_body_are_not_retried()
    {
        using var missing = new BrokenServer(Content, Trick.NotFound);
        var refusal = await Assert.ThrowsAnyAsync<IOException>(() => Get(missing));
        Assert.EndsWith(
            "file.bin cannot be downloaded: the server responds 404 Not Found.",
            refusal.Message,
            StringComparison.Ordinal);
        using var endless = new BrokenServer(Content, Trick.Endless);
        refusal = await Assert.ThrowsAnyAsync<IOException>(() => Get(endless));
        Assert.Contains("sends more than 600000 bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), (missing.Ranges.Count, endless.Ranges.Count));
    }

    [Fact]
    public void Each_set_has_digests_and_a_reader()
    {
        Assert.All(Downloads.Known, set =>
        {
            Assert.All(set.Files, file => Assert.Matches("^[0-9a-f]{32}$", file.Md5));
            Assert.Contains(set.Format, Retort.Recipes.Registry.Data.Keys);
            Assert.EndsWith("/", set.BaseAddress.AbsoluteUri, StringComparison.Ordinal);
        });
        var unknown = Assert.Throws<ArgumentException>(() => Downloads.Find("mnits"));
        Assert.Contains("mnist, cifar-10", unknown.Message, StringComparison.Ordinal);
    }

    async Task Get(BrokenServer server, IProgress<DownloadProgress>? progress = null)
    {
        using var client = new HttpClient();
        var set = new PublishedDataset
        {
            Name = "one", Summary = "", Format = "idx", Licence = "", Page = "", DigestSource = "a test",
            BaseAddress = server.Address,
            Files = [new("file.bin", Md5(Content), Content.Length)],
            Classes = ["a", "b"],
        };
        var downloader = new Downloader(client, TimeProvider.System) { RetryDelay = TimeSpan.Zero };
        await downloader.GetAsync(set, _folder, progress);
    }

    static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

#pragma warning disable CA5351 // publishers give MD5
    static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351

    sealed class Recorder(List<DownloadProgress> all) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => all.Add(value);
    }
}
