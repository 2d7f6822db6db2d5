using System.Net;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Retort.Report;

namespace Retort.Cli.Site;

/// <summary>
/// The server of the page that lists and compares runs. It only reads. By default it answers only requests to
/// localhost, so that no page from elsewhere can read the runs (DNS rebinding).
/// </summary>
static class Site
{
    const string SecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    static readonly string[] LocalNames = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Serves until it is cancelled.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="host">The address to listen on; null for loopback.</param>
    /// <param name="port">The port; 0 chooses a free one.</param>
    /// <param name="listening">Called with the address once the server listens.</param>
    /// <param name="token">Ends it.</param>
    public static async Task Serve(
        RunList runs, IPAddress? host, int port, Action<string> listening, CancellationToken token)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.Configure<KestrelServerOptions>(
            options => options.Listen(host ?? IPAddress.Loopback, port));
        await using var app = builder.Build();
        var allowsAnyName = host is not null && !IPAddress.IsLoopback(host);
        app.Use((context, next) => Guard(context, next, allowsAnyName));
        app.MapGet("/", context => WriteText(context, Resource("page.html"), "text/html"));
        app.MapGet("/page.js", context => WriteText(context, Resource("page.js"), "text/javascript"));
        app.MapGet("/page.css", context => WriteText(context, Reports.StyleSheet + Resource("page.css"), "text/css"));
        app.MapGet("/api/runs", context => WriteJson(context, runs.Runs));
        app.MapGet("/api/curves/{**id}", context => WriteJson(context, () => runs.Curves(IdIn(context))));
        app.MapGet("/api/recipe/{**id}", context => WriteJson(context, () => runs.Recipe(IdIn(context))));
        app.MapGet("/report/{**id}", context => WriteReport(context, runs));

        await app.StartAsync(token);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        listening(addresses.First());
        try
        {
            await Task.Delay(Timeout.Infinite, token);
        }
        catch (OperationCanceledException)
        {
            await app.StopAsync(CancellationToken.None);
        }
    }

    static Task Guard(HttpContext context, RequestDelegate next, bool allowsAnyName)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = SecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            return Refuse(context, StatusCodes.Status405MethodNotAllowed, "Only GET and HEAD are allowed.");
        if (!allowsAnyName && !LocalNames.Contains(context.Request.Host.Host))
            return Refuse(context, StatusCodes.Status421MisdirectedRequest, "Only requests to localhost are allowed.");
        return next(context);
    }

    static async Task WriteReport(HttpContext context, RunList runs)
    {
        try
        {
            if (runs.ReportOf(IdIn(context)) is not { } path)
            {
                if (runs.ProgressOf(IdIn(context)) is { } page)
                {
                    await WriteText(context, page, "text/html");
                    return;
                }
                await Refuse(context, StatusCodes.Status404NotFound, "This run has no report.");
                return;
            }
            using var file = InputFile.Open(path);
            context.Response.ContentType = "text/html; charset=utf-8";
            await file.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception error) when (!context.Response.HasStarted && IsDamage(error))
        {
            await Refuse(context, StatusCodes.Status422UnprocessableEntity, error.Message);
        }
    }

    static bool IsDamage(Exception error) =>
        error is InvalidDataException or IOException or UnauthorizedAccessException;

    static string IdIn(HttpContext context) => context.Request.RouteValues["id"] as string ?? "";

    static Task Refuse(HttpContext context, int code, string sentence)
    {
        context.Response.StatusCode = code;
        return WriteText(context, sentence + "\n", "text/plain");
    }

    static Task WriteJson<T>(HttpContext context, Func<T> read)
    {
        try
        {
            return read() is { } value
                ? WriteText(context, JsonSerializer.Serialize(value, Json.Line), "application/json")
                : Refuse(context, StatusCodes.Status404NotFound, "There is no such run.");
        }
        catch (Exception error) when (IsDamage(error))
        {
            return Refuse(context, StatusCodes.Status422UnprocessableEntity, error.Message);
        }
    }

    static Task WriteText(HttpContext context, string text, string type)
    {
        context.Response.ContentType = type + "; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    static string Resource(string name)
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream("Site." + name)!;
        return new StreamReader(file).ReadToEnd();
    }
}
