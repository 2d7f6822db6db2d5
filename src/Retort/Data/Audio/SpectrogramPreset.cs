namespace Retort.Data.Audio;

/// <summary>Spectrograms with a name.</summary>
public enum SpectrogramPreset
{
    /// <summary>Of SEA's students: 8 kHz, an FFT of 1,024 every 160 samples, 64 mel bins; 64 × 50 a second.</summary>
    Sea,

    /// <summary>
    /// Of OpenL3's environmental model: 48 kHz, an FFT of 2,048 every 242 samples, 256 mel bins; 256 × 199 a second.
    /// </summary>
    OpenL3,
}
