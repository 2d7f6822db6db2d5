namespace Retort.Contracts;

/// <summary>The options of a teacher: the section <c>teacher</c> of a recipe.</summary>
public abstract record TeacherOptions;
