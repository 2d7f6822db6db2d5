namespace Retort.Training;

/// <summary>Text files that are there whole or not at all: written under another name, then renamed.</summary>
static class WholeFile
{
    public static void Write(string path, string text)
    {
        var draft = path + ".draft";
        try
        {
            File.WriteAllText(draft, text.ReplaceLineEndings("\n"));
            File.Move(draft, path, overwrite: true);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }
}
