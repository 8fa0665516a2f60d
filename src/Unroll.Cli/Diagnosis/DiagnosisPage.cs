using Unroll.Analysis;

namespace Unroll.Cli.Diagnosis;

internal static class DiagnosisPage
{
    public static void Write(string path, DiagnosisSubject subject, GradientDiagnosis diagnosis, IReadOnlyList<Advice> advice, DiagnosisOptions options) => throw new UserError("--html: not yet.");
}
