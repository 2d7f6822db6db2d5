// Serves an exported student over HTTP: dotnet run [--student FOLDER] [--urls http://localhost:5000]
//   curl --data-binary @photo.jpg http://localhost:5000/predict
//   curl --form image=@photo.jpg http://localhost:5000/predict
using Retort.Runtime;
using Retort.Runtime.Features;

const int MaxBytes = 10_000_000;
const int MaxPixels = 25_000_000;                                          // 175 MB once decoded
const string Page = """
    <!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Which class is it?</title>
    <form action="predict" method="post" enctype="multipart/form-data">
      <input type="file" name="image" accept="image/*" required>
      <button>Predict</button>
    </form>
    """;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);       // no line for each request
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = MaxBytes);
try
{
    var folder = Path.GetFullPath(builder.Configuration["student"] ?? "student");
    builder.Services.AddSingleton(Student.Open(folder));                   // one for all requests
}
catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
var app = builder.Build();
app.MapGet("/", () => Results.Content(Page, "text/html; charset=utf-8"));
app.MapGet("/classes", (Student student) => student.Classes);
app.MapPost("/predict", async (HttpRequest request, Student student) =>
{
    var pixels = new float[student.ImageSize.Count];
    try
    {
        using var content = new MemoryStream();
        await (await Upload(request)).CopyToAsync(content);
        ImageLoader.Read(content.ToArray(), "The upload", student.ImageSize, pixels, MaxPixels);
    }
    catch (Exception error) when (error is InvalidDataException or IOException)
    {
        return Results.Problem(error.Message, statusCode: StatusCodes.Status400BadRequest);
    }
    return Results.Ok(student.Predict(pixels));
});
app.Run();
return 0;

// the body itself, or the first file of a form
static async Task<Stream> Upload(HttpRequest request)
{
    var isForm = request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;
    if (!isForm) return request.Body;

    var form = await request.ReadFormAsync();
    return form.Files is [var file, ..] ? file.OpenReadStream()
        : throw new InvalidDataException("The form must have a file; it has none.");
}
