package dev.custos.dist;

import static dev.custos.dist.CustosProcess.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Names that a shell would take for commands, in all places that the launchers pass them through.
 */
class ShellWordsIT {
  @TempDir Path dir;
  private String mark;
  private List<String> words;

  @BeforeEach
  void chooseWords() {
    mark = "made-by-a-shell-" + UUID.randomUUID();
    words =
        List.of(
            "$(touch " + mark + ")",
            "`touch " + mark + "`",
            "; touch " + mark + " #",
            "x\ntouch " + mark + "\n",
            "\"; touch " + mark + "; \"",
            "'; touch " + mark + "; '",
            "x[$(touch " + mark + ")]",
            "| touch " + mark,
            "& touch " + mark + " &",
            "> " + mark,
            "*",
            "~",
            "-e");
  }

  /** A shell would have made the file where the launcher runs, which is where this runs. */
  @AfterEach
  void noShellHasRunAWord() throws IOException {
    Path made = Path.of(mark);
    boolean ran = Files.deleteIfExists(made);
    assertThat(ran).as("a command was run").isFalse();
    assertThat(dir.resolve(mark)).doesNotExist();
  }

  private List<String> folders() throws IOException {
    List<String> folders = new ArrayList<>();
    for (String word : words) {
      folders.add(Files.createDirectory(dir.resolve(word)).toString());
    }
    return folders;
  }

  @Test
  void watchedNamesAreNeverCommands() throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("watch", "--events", "create", "--format", "{event} {file}"));
    arguments.addAll(folders());
    try (CustosProcess custos = CustosProcess.custos(arguments.toArray(new String[0]))) {
      custos.awaitReady();
      for (int i = 0; i < words.size(); i++) {
        Files.createFile(dir.resolve(words.get(i)).resolve(i + words.get(i)));
      }
      await("an event of each")
          .atMost(DEADLINE)
          .until(
              () ->
                  custos.out().stream().filter(l -> l.startsWith("CREATE ")).count()
                      >= words.size());
      assertThat(custos.out())
          .hasSize(words.size())
          .anyMatch(l -> l.contains("$(touch " + mark + ")"));
    }
  }

  /** Through the watchdog, which is bash and counts plans by name. */
  @Test
  void guardedNamesAreNeverCommands() throws Exception {
    boolean root = "root".equals(System.getProperty("user.name"));
    Assumptions.assumeTrue(root || "true".equals(System.getenv("CI")), "guarding needs root");
    List<String> command = new ArrayList<>(List.of(Distribution.launcher().toString(), "guard"));
    List<Path> files = new ArrayList<>();
    for (String folder : folders()) {
      files.add(Files.createFile(Path.of(folder, "secret")));
      command.add("--deny=" + files.get(files.size() - 1));
    }
    try (GuardedProcess guarded = GuardedProcess.start(Map.of(), command)) {
      guarded.custos().awaitReady();
      for (Path file : files) {
        assertThat(GuardedProcess.opens(file)).as("%s", file).isFalse();
      }
    }
  }

  @Test
  void theFolderOfTheDistributionIsNeverACommand() throws Exception {
    // A class path has no way to write a colon, nor a line end in a launcher's option.
    Path home = dir.resolve(String.join(" ", words.subList(0, 3)) + "' \"");
    // Links to the same files: it is the names that matter.
    List<String> copy = List.of("cp", "-al", Distribution.home().toString(), home.toString());
    Process cp = new ProcessBuilder(copy).start();
    if (cp.waitFor() != 0) {
      List<String> whole = List.of("cp", "-a", Distribution.home().toString(), home.toString());
      assertThat(new ProcessBuilder(whole).inheritIO().start().waitFor()).isZero();
    }
    for (List<String> command : List.of(List.of("--version"), List.of("run", "--help"))) {
      List<String> all = new ArrayList<>(List.of(home.resolve("bin/custos").toString()));
      all.addAll(command);
      try (CustosProcess custos = CustosProcess.start(Map.of(), all)) {
        assertThat(custos.awaitExit()).as("%s", custos.err()).isZero();
      }
    }
  }

  @Test
  void settingsThatAreNoNumbersAreRefusedAndNotRun() throws Exception {
    for (String word : words) {
      try (CustosProcess custos =
          CustosProcess.custos(Map.of("CUSTOS_HEAP", word + "m"), "--version")) {
        assertThat(custos.awaitExit()).isEqualTo(2);
        assertThat(custos.err()).anyMatch(line -> line.contains("CUSTOS_HEAP"));
      }
    }
  }
}
