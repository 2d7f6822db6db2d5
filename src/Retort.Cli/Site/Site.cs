using System.Net;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Retort.Report;
using Retort.Runs;
using Retort.Studies;
using Retort.Training;

namespace Retort.Cli.Site;

/// <summary>
/// The page that lists and compares runs, and what it asks for. It reads, and answers nothing but reading; it tells nobody who
/// comes by another name than the machine's own, so that no page from elsewhere can look in.
/// </summary>
static class Site
{
    static readonly string[] Ours = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Serves until it is cancelled; the address is told once it listens.</summary>
    /// <param name="shelf">The runs.</param>
    /// <param name="host">Where to listen; loopback where it is left out.</param>
    /// <param name="port">0 takes any that is free.</param>
    /// <param name="listening">Hears of the address.</param>
    /// <param name="token">Ends it.</param>
    public static async Task Serve(RunList shelf, IPAddress? host, int port, Action<string> listening, CancellationToken token)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(options => options.Listen(host ?? IPAddress.Loopback, port));
        await using var app = builder.Build();
        app.Use((context, next) => Guarded(context, next, anyName: host is not null && !IPAddress.IsLoopback(host)));
        app.MapGet("/", context => Piece(context, "page.html", "text/html"));
        app.MapGet("/page.js", context => Piece(context, "page.js", "text/javascript"));
        app.MapGet("/page.css", context => Text(context, Reports.StyleSheet + Resource("page.css"), "text/css"));
        app.MapGet("/api/runs", context => Answer(context, shelf.Runs()));
        app.MapGet("/api/curves/{**id}", context => Answer(context, shelf.Curves(Id(context))));
        app.MapGet("/api/recipe/{**id}", context => Answer(context, shelf.Recipe(Id(context))));
        app.MapGet("/report/{**id}", context => Report(context, shelf));
        await app.StartAsync(token);
        listening(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        try
        {
            await Task.Delay(Timeout.Infinite, token);
        }
        catch (OperationCanceledException)
        {
            await app.StopAsync(CancellationToken.None);
        }
    }

    static Task Guarded(HttpContext context, RequestDelegate next, bool anyName)
    {
        var head = context.Response.Headers;
        head.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        head.XContentTypeOptions = "nosniff";
        head.CacheControl = "no-store";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)) return Refused(context, 405, "This page only shows.");
        if (!anyName && !Ours.Contains(context.Request.Host.Host)) return Refused(context, 421, "This page is for this machine: ask for it as localhost.");
        return next(context);
    }

    static Task Report(HttpContext context, RunList shelf)
    {
        var path = shelf.FolderOf(Id(context)) is { } run ? Path.Combine(run, "report.html") : null;
        return path is null || !File.Exists(path) ? Refused(context, 404, "There is no report of such a run.") : Text(context, File.ReadAllText(path), "text/html");
    }

    static string Id(HttpContext context) => context.Request.RouteValues["id"] as string ?? "";

    static Task Refused(HttpContext context, int code, string sentence)
    {
        context.Response.StatusCode = code;
        return Text(context, sentence + "\n", "text/plain");
    }

    static Task Answer<T>(HttpContext context, T found)
    {
        if (found is null) return Refused(context, 404, "There is no such run.");
        return Text(context, JsonSerializer.Serialize(found, Json.Line), "application/json");
    }

    static Task Piece(HttpContext context, string name, string type) => Text(context, Resource(name), type);

    static Task Text(HttpContext context, string text, string type)
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
