namespace Retort.Tests.Studies;

/// <summary>A fidelity study of two claims on 64 toy images.</summary>
static class TinyStudy
{
    public const string Text = """
        {
          "study": "fidelity",
          "data": { "name": "toy", "examples": 64 },
          "settings": {
            "tiny": {
              "network": { "name": "mlp", "hidden": [8], "norm": "layer" },
              "labelledExamples": 16,
              "teacherTraining": { "steps": 20, "batchSize": 16 },
              "studentTraining": { "steps": 30, "batchSize": 16 }
            }
          },
          "claims": [
            { "name": "members", "setting": "tiny", "members": [1, 2] },
            { "name": "basin", "setting": "tiny", "shares": [0, 0.5, 1], "edge": 0.5, "plane": 5 }
          ],
          "seeds": 2
        }
        """;
}
