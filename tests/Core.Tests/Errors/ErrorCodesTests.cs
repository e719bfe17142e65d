using System.Text;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Core.Tests.Errors;

public sealed class ErrorCodesTests
{
    [Fact]
    public void Every_failure_has_a_name_and_a_number_of_its_own()
    {
        ErrorCodes.All.Select(code => code.Name).Should().OnlyHaveUniqueItems();
        ErrorCodes.All.Select(code => code.ExitCode).Should().OnlyHaveUniqueItems().And.NotContain([0, 1]).And.OnlyContain(number => number < 126 || number == 130);
    }

    [Fact]
    public void The_number_tells_the_step()
    {
        foreach (var code in ErrorCodes.All)
        {
            var (low, high) = code.Name.Split('.')[0] switch
            {
                "input" => (10, 29),
                "convert" => (30, 49),
                "output" => (50, 64),
                "copy" => (65, 74),
                "final" => (75, 84),
                "supervisor" or "host" or "daemon" => (85, 99),
                "interrupted" => (130, 130),
                _ => (2, 9),
            };
            code.ExitCode.Should().BeInRange(low, high, code.Name);
        }
    }

    [Theory]
    [InlineData("format", "unsupported", "permission", "truncated", "corrupt", "missing", "extent-missing", "empty", "exists", "verify")]
    public void What_is_wrong_with_the_source_or_the_command_never_passes_by_itself(params string[] kinds)
        => ErrorCodes.All.Where(code => kinds.Contains(code.Name.Split('.')[^1]) || code.ExitCode < 10).Should().HaveCountGreaterThan(kinds.Length).And.OnlyContain(code => !code.CanPass);

    [Fact]
    public void The_page_of_exit_codes_is_the_table_of_the_code()
    {
        var page = new StringBuilder("""
            # Exit codes

            One number per kind of failure; its tens tell the step: 10 to 29 input, 30 to 49 convert, 50 to 64 output setup, 65 to 74 copy,
            75 to 84 output final, 85 to 99 the supervisor and the host. The code's name is the `code` field of the error event. A number,
            once released, never changes its meaning. "Can pass": the same run can succeed later with nobody having changed the source or the
            command line; the daemon tries those again, and no others. This page is made from `src/Core/Errors/ErrorCodes.cs`
            (`UPDATE_DOCS=1 scripts/test Core.Tests`), and a test holds it to it.

            | exit | code | what happened | what to do | can pass |
            | --- | --- | --- | --- | --- |
            | 0 | | Done. | | |

            """.ReplaceLineEndings("\n"));
        foreach (var code in ErrorCodes.All)
        {
            page.Append($"| {code.ExitCode} | `{code.Name}` | {code.Meaning} | {code.Remedy} | {(code.CanPass ? "yes" : string.Empty)} |\n");
        }

        var path = Path.Combine(RepositoryRoot.Path, "docs", "exit-codes.md");
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(path, page.ToString());
        }

        File.ReadAllText(path).Should().Be(page.ToString());
    }
}
