package dev.custos.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.manifest.GuardSpec;
import dev.custos.manifest.Manifest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class GuardCommandTest {
  @TempDir static Path shared;

  private static FakeHome custos;

  @BeforeAll
  static void unpack() {
    custos = new FakeHome(shared);
  }

  private static GuardSpec spec(String... options) throws CommandFailure {
    String[] arguments = new String[options.length + 1];
    arguments[0] = "guard";
    System.arraycopy(options, 0, arguments, 1, options.length);
    Manifest.Guard guard =
        GuardCommand.guard(
            Main.describe(List.of("guard")).parseArgs(arguments).subcommand(), Path.of("/here"));
    return guard.spec();
  }

  @Test
  void guardPrintsWhatWasDecidedAndEndsAfterItsCount() {
    int exit =
        custos.run("guard", "--deny", "/a", "b", "--allow", "/c", "--tag", "t=u", "--count", "2");
    assertThat(exit).isZero();
    assertThat(custos.lines).hasSize(2);
    assertThat(custos.lines.get(0)).matches("text <DENY> \\w+_PERM file '/a' \\(.+:.+\\) t=u");
    assertThat(custos.lines.get(1)).contains("'" + shared + "/b'");
  }

  /** In time that grows with their number and not with its square: that would be minutes. */
  @Test
  void veryManyPathsAreReadAtOnce() throws CommandFailure {
    String[] options = new String[200_000];
    for (int i = 0; i < options.length; i++) {
      options[i] = i % 2 == 0 ? "--deny" : "/file" + i;
    }
    assertThat(spec(options).subjects().get(0).deny())
        .hasSize(100_000)
        .last()
        .isEqualTo("/file199999");
  }

  @Test
  void theOptionsSayWhatAManifestSays() throws CommandFailure {
    GuardSpec spec =
        spec(
            "--deny",
            "/d1",
            "d2",
            "--deny",
            "/d3",
            "--allow",
            "/a",
            "--events",
            "open,OPEN_EXEC_PERM",
            "--report",
            "denied",
            "--observe",
            "--recursive",
            "--max-depth",
            "3",
            "--ignore",
            "*.log",
            "--only-dir",
            "--whole-mount",
            "--auto-allow-owner",
            "--audit",
            "--executable",
            "/bin/cat",
            "bin/x",
            "--uid",
            "0",
            "33",
            "--tag",
            "k=v",
            "--format",
            "{path}");
    assertThat(spec.mode()).isEqualTo("Observe");
    assertThat(spec.report()).isEqualTo("Denied");
    assertThat(spec.logFormat()).isEqualTo("{path}");
    assertThat(spec.subjects())
        .containsExactly(
            new GuardSpec.Subject(
                List.of("/a"),
                List.of("/d1", "/here/d2", "/d3"),
                List.of("open", "execute"),
                true,
                true,
                true,
                true,
                true,
                3,
                List.of("*.log"),
                new GuardSpec.Processes(List.of("/bin/cat", "/here/bin/x"), List.of(0, 33)),
                Map.of("k", "v")));
  }

  @Test
  void whatIsNotSaidIsAsTheReferenceHasIt() throws CommandFailure {
    GuardSpec spec = spec("--deny", "/d");
    assertThat(spec.mode()).isNull();
    assertThat(spec.report()).isEqualTo("All");
    GuardSpec.Subject subject = spec.subjects().get(0);
    assertThat(subject.events()).containsExactly("all");
    assertThat(subject.recursive()).isFalse();
    assertThat(subject.processes()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--events open | guard needs a path: --deny PATH or --allow PATH",
        "--deny /a --events opne | did you mean \"open\"?",
        "--deny /a --events modify | the kernel asks about open, access and execute alone",
        "--deny /a --report some | --report: \"some\" is neither all nor denied",
        "--deny /a --uid root | --uid: \"root\" is not a user's number",
        "--deny /a --uid=-1 | --uid: \"-1\" is not a user's number",
        "--deny /a --max-depth x | --max-depth",
        "--deny /a --tag x | is not of the form key=value",
        "--deny /a --format {pth} | did you mean \"path\"?",
        "--deny | --deny",
        "/a | /a",
        "--deny /a --nothing | --nothing",
      })
  void wrongInputIsNamedAndNothingStarts(String options, String message) {
    String[] arguments = ("guard " + options).split(" ", -1);
    assertThat(custos.run(arguments)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(custos.err()).contains(message).doesNotContain("ready").doesNotContain("\tat ");
  }

  @Test
  void whereNothingCanBeGuardedTheReasonIsSaidAndItEnds() {
    assertThat(custos.run("guard", "--deny", "/failed")).isEqualTo(ExitCode.CANNOT_RUN);
    assertThat(custos.err()).contains("/failed: failed: EPERM; guarding needs CAP_SYS_ADMIN");
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(custos.run("guard", "--help")).isZero();
    assertThat(custos.out())
        .contains("--deny", "--allow", "--events", "--report", "--observe", "--recursive")
        .contains("--executable", "--uid", "--audit", "--auto-allow-owner", "--json", "--for");
    assertThat(custos.run("completion")).isZero();
    assertThat(custos.out()).contains("--auto-allow-owner");
  }
}
