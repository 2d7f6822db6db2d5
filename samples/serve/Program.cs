// A student behind HTTP: Sample.Serve --student FOLDER [--urls http://localhost:5000]
//   curl --data-binary @digit.png localhost:5000/predict
using Retort.Runtime;
using Retort.Runtime.Features;

var builder = WebApplication.CreateBuilder(args);
var folder = builder.Configuration["student"] ?? throw new InvalidOperationException("Name the student's folder with --student.");
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = 10_000_000);
builder.Services.AddSingleton(_ => Student.Open(folder));           // one for all requests; closed with the host

var app = builder.Build();
_ = app.Services.GetRequiredService<Student>();                     // a wrong folder stops the start, not the first request
app.MapGet("/classes", (Student student) => student.Classes);
app.MapPost("/predict", async (HttpRequest request, Student student) =>
{
    using var content = new MemoryStream();
    await request.Body.CopyToAsync(content);
    var pixels = new float[student.Canvas.Size];
    try
    {
        Pixels.Read(content.ToArray(), "the picture", student.Canvas, pixels);
    }
    catch (InvalidDataException error)
    {
        return Results.Problem(error.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
    }
    return Results.Ok(student.Predict(pixels));
});
app.Run();
