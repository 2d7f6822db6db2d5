namespace Retort.Cli.Display;

/// <summary>A method in a list.</summary>
/// <param name="Key">Its name in a recipe.</param>
/// <param name="Paper">The citation.</param>
/// <param name="Year">The paper's year; 0 without a paper.</param>
/// <param name="Teacher">The outputs it needs from the teacher.</param>
/// <param name="Student">The outputs it needs from the student.</param>
/// <param name="Page">Its page in the documentation; empty for the control.</param>
/// <param name="File">Its source file.</param>
sealed record MethodRow(
    string Key, string Paper, int Year, string Teacher, string Student, string Page, string File);
