using System.Net;
using System.Net.Sockets;
using Retort.Runtime;
using Retort.Tests.House;
using Retort.Tests.Runtime;
using SkiaSharp;

namespace Retort.Tests.Samples;

/// <summary>samples/browser in a real browser, where there is one and onnxruntime-web was brought.</summary>
public sealed class BrowserTests
{
    static readonly string Page = Repository.At("samples/browser");

    [Fact]
    public async Task The_page_has_the_predictions_of_the_student()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Page, "node_modules", "onnxruntime-web")),
            "onnxruntime-web is not there: `npm install` in samples/browser brings it.");
        var chromium = Browser.Find();
        Assert.SkipWhen(chromium is null, "There is no chromium on the path; RETORT_CHROMIUM can name one.");
        Assert.SkipWhen(
            Browser.OnPath("node") is null, "There is no node on the path: samples/browser/serve.mjs needs it.");

        var (student, picture) = (AnyStudent(), AnyPicture(23, 31));
        var port = FreePort();
        using var server = new Started("node", Path.Combine(Page, "serve.mjs"), student, $"{port}");
        server.After("http://");
        using var browser = await Browser.OpenAsync(chromium!, new($"http://localhost:{port}/"));
        await browser.Until("globalThis.retort");

        await browser.Choose("#file", picture);
        await browser.Until("document.querySelectorAll('#predictions li').length === 3");
        var shown = (await browser.Evaluate("Array.from(document.querySelectorAll('#predictions li'), line => "
            + "[line.children[0].textContent, line.querySelector('meter').value])"))!.AsArray();
        var expected = Asked(student, picture);
        Assert.Equal(expected.Keys.OrderByDescending(name => expected[name]), shown.Select(line => (string)line![0]!));
        foreach (var line in shown) Assert.Equal(expected[(string)line![0]!], (float)line[1]!, tolerance: 1e-5);

        await browser.Evaluate("document.getElementById('clear').click()");
        await browser.Until("document.querySelectorAll('#predictions li').length === 0");
        var board = (await browser.Evaluate(
            "(({ x, y }) => ({ x, y }))(document.getElementById('board').getBoundingClientRect())"))!;
        await Draw(browser, (double)board["x"]!, (double)board["y"]!);
        await browser.Until("document.querySelectorAll('#predictions li').length === 3");
        if (Environment.GetEnvironmentVariable("RETORT_SCREENSHOT") is { Length: > 0 } file)
            File.WriteAllBytes(file, await browser.Screenshot());
    }

    [Fact]
    public async Task The_page_refuses_a_student_that_was_changed()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Page, "node_modules", "onnxruntime-web")),
            "onnxruntime-web is not there: `npm install` in samples/browser brings it.");
        var chromium = Browser.Find();
        Assert.SkipWhen(chromium is null, "There is no chromium on the path; RETORT_CHROMIUM can name one.");
        Assert.SkipWhen(
            Browser.OnPath("node") is null, "There is no node on the path: samples/browser/serve.mjs needs it.");
        var (student, port) = (AnyStudent(), FreePort());
        await File.AppendAllTextAsync(Path.Combine(student, "model.onnx"), "x");
        using var server = new Started("node", Path.Combine(Page, "serve.mjs"), student, $"{port}");
        server.After("http://");
        using var browser = await Browser.OpenAsync(chromium!, new($"http://localhost:{port}/"));
        await browser.Until("document.getElementById('message')?.classList.contains('error')");
        Assert.Equal(
            "model.onnx is not the file that was exported.",
            (string?)await browser.Evaluate("document.getElementById('message').textContent"));
    }

    /// <summary>A seven.</summary>
    static async Task Draw(Browser browser, double left, double top)
    {
        (double X, double Y)[] stroke = [(80, 70), (140, 68), (200, 70), (170, 140), (140, 230)];
        await browser.Mouse("mousePressed", left + stroke[0].X, top + stroke[0].Y);
        foreach (var (x, y) in stroke) await browser.Mouse("mouseMoved", left + x, top + y);
        await browser.Mouse("mouseReleased", left + stroke[^1].X, top + stroke[^1].Y);
    }

    /// <summary>8 × 8 grey pixels, weights from a formula, so that classes differ.</summary>
    static string AnyStudent()
    {
        var weights = new float[64, 3];
        for (var i = 0; i < 64; i++)
            for (var k = 0; k < 3; k++) weights[i, k] = MathF.Sin(1 + 7 * i + 3 * k);
        return StudentFolders.Write(
            new("pixel_values", [1, 8, 8], weights, [0.1f, 0, -0.1f]),
            ["<b>circle</b>", "square", "triangle & co"],
            255);
    }

    static string AnyPicture(int height, int width)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                bitmap.SetPixel(x, y, new((byte)(x * 37 + y * 11), (byte)(x * y), (byte)(255 - 5 * x)));
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        var path = Path.Combine(Contract.Few.Folder(), "any.png");
        File.WriteAllBytes(path, encoded.ToArray());
        return path;
    }

    static Dictionary<string, float> Asked(string folder, string picture)
    {
        using var student = Student.Open(folder);
        var (pixels, probabilities) = (new float[64], new float[3]);
        ImageLoader.Read(File.ReadAllBytes(picture), picture, student.ImageSize, pixels);
        student.Predict(pixels, probabilities);
        return student.Classes.Zip(probabilities).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
