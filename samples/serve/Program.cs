// Serves an exported student over HTTP: dotnet run [--student FOLDER] [--urls http://localhost:5000]
//   curl --data-binary @photo.jpg http://localhost:5000/predict
using Retort.Runtime;
using Retort.Runtime.Features;

const int MaxBytes = 10_000_000;
const int MaxPixels = 25_000_000;                                          // 175 MB once decoded

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = MaxBytes);
try
{
    var folder = builder.Configuration["student"] ?? "student";
    builder.Services.AddSingleton(Student.Open(folder));                   // one for all requests
}
catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
var app = builder.Build();
app.MapGet("/classes", (Student student) => student.Classes);
app.MapPost("/predict", async (HttpRequest request, Student student) =>
{
    var pixels = new float[student.ImageSize.Count];
    try
    {
        using var content = new MemoryStream();
        await request.Body.CopyToAsync(content);
        ImageLoader.Read(content.ToArray(), "The upload", student.ImageSize, pixels, MaxPixels);
    }
    catch (Exception error) when (error is InvalidDataException or BadHttpRequestException)
    {
        return Results.Problem(error.Message, statusCode: StatusCodes.Status400BadRequest);
    }
    return Results.Ok(student.Predict(pixels));
});
app.Run();
return 0;
