package dev.custos.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.FilePath;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class IgnoreRulesTest {
  @Test
  void aPlainRuleIsANameComparedByteByByte() {
    IgnoreRules rules = rules(".git", "a.b", "ü", "a\\b");

    assertThat(name(rules, ".git")).isTrue();
    assertThat(name(rules, ".gitignore")).isFalse();
    assertThat(name(rules, "x.git")).isFalse();
    assertThat(name(rules, "a.b")).isTrue();
    assertThat(name(rules, "aXb")).isFalse();
    assertThat(name(rules, "a\\b")).isTrue();
    assertThat(name(rules, "ü")).isTrue();
    assertThat(name(rules, "Ü")).isFalse();
    assertThat(rules.hasPaths()).isFalse();
  }

  @Test
  void aRuleWithAWildcardIsAGlobOnTheName() {
    IgnoreRules rules = rules("*.log", "build-?", "[._]cache");

    assertThat(name(rules, "x.log")).isTrue();
    assertThat(name(rules, "build-1")).isTrue();
    assertThat(name(rules, ".cache")).isTrue();
    assertThat(name(rules, "_cache")).isTrue();
    assertThat(name(rules, "xcache")).isFalse();
    assertThat(rules.hasPaths()).isFalse();
  }

  @Test
  void aRuleWithASlashIsComparedWithThePathBelowTheSubject() {
    IgnoreRules rules = rules("a/b", "*/node_modules", "/top/x");

    assertThat(path(rules, "a/b")).isTrue();
    assertThat(path(rules, "x/a/b")).isFalse();
    assertThat(path(rules, "a/b/c")).isFalse();
    assertThat(path(rules, "web/node_modules")).isTrue();
    assertThat(path(rules, "node_modules")).isFalse();
    assertThat(path(rules, "a/web/node_modules")).isFalse();
    assertThat(path(rules, "top/x")).isTrue();
    assertThat(name(rules, "b")).isFalse();
    assertThat(name(rules, "node_modules")).isFalse();
  }

  @Test
  void aWholePathBelowTheSubjectIsTakenAsBelowIt() {
    IgnoreRules rules = rules("/data/tmp", "/data/a/b", "/other/tmp");

    assertThat(path(rules, "tmp")).isTrue();
    assertThat(path(rules, "a/b")).isTrue();
    assertThat(path(rules, "other/tmp")).isTrue();
    assertThat(path(rules, "x/tmp")).isFalse();
    assertThat(name(rules, "tmp")).as("only right below the subject").isFalse();
  }

  @Test
  void aSlashAtTheEndChangesNothing() {
    IgnoreRules rules = rules(".git/", "a/b/", "/data/tmp/");

    assertThat(name(rules, ".git")).isTrue();
    assertThat(path(rules, "a/b")).isTrue();
    assertThat(path(rules, "tmp")).isTrue();
  }

  @Test
  void aSubjectThatIsTheRootDirectoryHasPathsBelowItToo() {
    IgnoreRules rules = new IgnoreRules(List.of("/proc", "var/log"), FilePath.of("/"));

    assertThat(path(rules, "proc")).isTrue();
    assertThat(path(rules, "a/proc")).isFalse();
    assertThat(path(rules, "var/log")).isTrue();
    assertThat(name(rules, "proc")).isFalse();
  }

  @Test
  void aSubjectsPathMayEndInASlash() {
    IgnoreRules rules = new IgnoreRules(List.of("/data/tmp"), FilePath.of("/data/"));

    assertThat(path(rules, "tmp")).isTrue();
  }

  @Test
  void emptyRulesMatchNothing() {
    IgnoreRules rules = rules("", "/", "/data", "/data/");

    assertThat(name(rules, "a")).isFalse();
    assertThat(path(rules, "a")).isFalse();
    assertThat(rules().isEmpty()).isTrue();
  }

  private static IgnoreRules rules(String... rules) {
    return new IgnoreRules(List.of(rules), FilePath.of("/data"));
  }

  private static boolean name(IgnoreRules rules, String name) {
    byte[] bytes = ("x" + name + "y").getBytes(StandardCharsets.UTF_8);
    return rules.matchesName(bytes, 1, bytes.length - 2);
  }

  private static boolean path(IgnoreRules rules, String path) {
    byte[] bytes = ("x" + path + "y").getBytes(StandardCharsets.UTF_8);
    return rules.matchesPath(bytes, 1, bytes.length - 2);
  }
}
