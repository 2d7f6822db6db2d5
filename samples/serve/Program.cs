// Serves an exported student over HTTP: Sample.Serve --student FOLDER [--urls http://localhost:5000]
//   curl --data-binary @digit.png localhost:5000/predict
using Retort.Runtime;
using Retort.Runtime.Features;

const int MaxPixels = 4_000_000;                                           // 28 MB once decoded

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = 10_000_000);
try
{
    var folder = builder.Configuration["student"] ?? throw new InvalidDataException("Use --student FOLDER.");
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
    using var content = new MemoryStream();
    await request.Body.CopyToAsync(content);
    var pixels = new float[student.ImageSize.Count];
    try
    {
        ImageLoader.Read(content.ToArray(), "the image", student.ImageSize, pixels, MaxPixels);
    }
    catch (InvalidDataException error)
    {
        return Results.Problem(error.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
    }
    return Results.Ok(student.Predict(pixels));
});
app.Run();
return 0;
