namespace Retort.Runtime.Knowledge;

/// <summary>How the numbers of a knowledge base's keys are stored.</summary>
public enum KeyType
{
    /// <summary>4 bytes a number: exact.</summary>
    Float32 = 0,

    /// <summary>2 bytes a number.</summary>
    Float16 = 1,

    /// <summary>1 byte a number, and a scale of 4 bytes for each row.</summary>
    Int8 = 2,
}
