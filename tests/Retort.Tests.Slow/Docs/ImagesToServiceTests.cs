using System.Net;
using System.Text.Json;
using Retort.Runtime;
using Retort.Tests.House;
using Retort.Tests.Packages;
using Retort.Tests.Recipes;
using Retort.Tests.Samples;
using SkiaSharp;

namespace Retort.Tests.Docs;

/// <summary>The commands and files of docs/images-to-service.md, from a folder of images to an HTTP response.</summary>
public sealed class ImagesToServiceTests : IDisposable
{
    const string Page = "docs/images-to-service.md";
    const string Service = "photo-service";
    const int ImagesPerClass = 60;

    static readonly string[] Classes = ["circle", "cross", "square", "triangle"];

    // one epoch instead of the page's, for time
    static readonly string[] Short =
        ["--seeds", "1", "--set", "training.epochs=1", "--set", "teacher.training.epochs=1"];

    readonly string _root = Directory.CreateTempSubdirectory("retort-page-").FullName;

    [Fact]
    public async Task A_folder_of_images_becomes_a_web_service()
    {
        var checkout = Directory.CreateDirectory(Path.Combine(_root, "retort")).FullName;
        var project = Directory.CreateDirectory(Path.Combine(_root, Service)).FullName;
        DrawImages(Path.Combine(checkout, "photos"));
        var commands = PageBlocks.Commands(Page, "./retort").Select(command => command.Split(' ')[1..]).ToList();
        Assert.Equal(["new", "run", "export"], commands.Select(words => words[0]));
        Train(checkout, commands[0]);
        Assert.Contains("flip", File.ReadAllText(Path.Combine(checkout, "photos.json")), StringComparison.Ordinal);
        WriteFiles(checkout, project);                                     // the page's recipe replaces it
        foreach (var words in commands.Skip(1)) Train(checkout, words);
        foreach (var command in PageBlocks.Commands(Page, "dotnet pack"))
            Pack(command.Replace("../" + Service, project, StringComparison.Ordinal).Split(' ')[1..]);
        Dotnet.Run(project, "publish", "-c", "Debug", "-v", "quiet", "-o", "published");
        Assert.True(File.Exists(Path.Combine(project, "published", "student", "model.onnx")));
        Assert.False(File.Exists(Path.Combine(project, "published", "nuget.config")));

        using var program = new Started(
            "dotnet", "run", "--no-build", "--project", project, "--", "--urls", "http://127.0.0.1:0");
        using var client = new HttpClient { BaseAddress = new(program.After("Now listening on: ")) };
        var image = Path.Combine(checkout, "photos", "cross", "7.jpg");
        var (status, prediction) = await Post(client, File.ReadAllBytes(image));
        var expected = Predict(Path.Combine(project, "student"), image);
        Assert.Equal((HttpStatusCode.OK, expected.Name), (status, prediction.GetProperty("name").GetString()));
        Assert.Equal(expected.Probability, prediction.GetProperty("probability").GetSingle(), tolerance: 1e-6f);
        Assert.Contains(expected.Name, Classes);

        (status, var problem) = await Post(client, "no image"u8.ToArray());
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith(
            "The upload is no PNG, JPEG, WebP or BMP image", problem.GetProperty("detail").GetString(),
            StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    void WriteFiles(string checkout, string project)
    {
        var files = PageBlocks.Files(Page);
        Assert.Equal(["photos.json", "photo-service.csproj", "nuget.config", "Program.cs"], files.Keys);
        files["photo-service.csproj"] = files["photo-service.csproj"].Replace(
            "\"Retort.Runtime\" Version=\"1.0.0\"", $"\"Retort.Runtime\" Version=\"{Feed.Version}\"",
            StringComparison.Ordinal);
        foreach (var (name, text) in files)
            File.WriteAllText(Path.Combine(name == "photos.json" ? checkout : project, name), text);
        Feed.Prepare(_root, Path.Combine(_root, "unpacked"));
    }

    static void Train(string checkout, string[] words) =>
        Dotnet.Start(TestRuns.Program, checkout, [.. words, .. words[0] == "run" ? Short : []]);

    static void Pack(string[] words) =>
        Dotnet.Run(Repository.Root, [.. words, "-v", "quiet", $"-p:PackageVersion={Feed.Version}"]);

    static Prediction Predict(string folder, string image)
    {
        using var student = Student.Open(folder);
        var pixels = new float[student.ImageSize.Count];
        ImageLoader.Read(File.ReadAllBytes(image), image, student.ImageSize, pixels);
        return student.Predict(pixels);
    }

    static async Task<(HttpStatusCode Status, JsonElement Body)> Post(HttpClient client, byte[] content)
    {
        using var response = await client.PostAsync("predict", new ByteArrayContent(content));
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    static void DrawImages(string folder)
    {
        for (var label = 0; label < Classes.Length; label++)
        {
            var ofClass = Directory.CreateDirectory(Path.Combine(folder, Classes[label])).FullName;
            for (var i = 0; i < ImagesPerClass; i++)
            {
                var random = new RandomStream(label, StreamKey.Data, id: i);
                File.WriteAllBytes(Path.Combine(ofClass, $"{i}.jpg"), Draw(label, random));
            }
        }
    }

    // a shape of random size, position and color on a random background, 64 wide and 48 high
    static byte[] Draw(int label, RandomStream random)
    {
        using var bitmap = new SKBitmap(64, 48);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(new SKColor((byte)random.NextInt(120), (byte)random.NextInt(120), (byte)random.NextInt(120)));
        var side = 14 + random.NextInt(14);
        var (x, y) = (10 + random.NextInt(44 - side), 2 + random.NextInt(44 - side));
        using var paint = new SKPaint { Color = SKColor.FromHsv(random.NextInt(360), 60, 100), IsAntialias = true };
        using var path = new SKPath();
        switch (Classes[label])
        {
            case "circle":
                path.AddOval(new(x, y, x + side, y + side));
                break;
            case "square":
                path.AddRect(new(x, y, x + side, y + side));
                break;
            case "triangle":
                path.AddPoly([new(x, y + side), new(x + side, y + side), new(x + side / 2f, y)]);
                break;
            default:
                path.AddRect(new(x, y + side * 0.4f, x + side, y + side * 0.6f));
                path.AddRect(new(x + side * 0.4f, y, x + side * 0.6f, y + side));
                break;
        }
        canvas.DrawPath(path, paint);
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return encoded.ToArray();
    }
}
