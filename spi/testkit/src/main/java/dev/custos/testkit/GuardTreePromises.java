package dev.custos.testkit;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a guard backend promises about recursive guards. */
public interface GuardTreePromises extends GuardPromises {

  @Test
  default void aRecursiveGuardCoversTheWholeTree() throws Exception {
    Path deep = file("/data/a/b/c/d/file");
    Path beside = file("/beside/file");
    apply(guard(subject("web")).deny("/data").recursive().build());

    assertThat(other().opens(deep)).isFalse();
    assertThat(other().opens(at("/data/a/b/c"))).isFalse();
    assertThat(other().opens(beside)).isTrue();
    assertThat(told(subject("web"), 2))
        .containsExactly(
            "DENY OPEN_PERM /data/a/b/c/d/file (deny /data)",
            "DENY OPEN_PERM /data/a/b/c (deny /data)");
  }

  @Test
  default void aNewDirectoryInATreeIsGuardedAsSoonAsItIsNoticed() throws Exception {
    file("/data/file");
    apply(guard(subject("web")).deny("/data").recursive().build());

    Path file = file("/data/a/b/c/file");

    eventually("the new directories are guarded", () -> !other().opens(file));
  }

  @Test
  default void maxDepthSaysHowManyLevelsATreeHas() throws Exception {
    Path second = file("/data/1/2/file");
    Path third = file("/data/1/2/3/file");
    apply(guard(subject("web")).deny("/data").recursive().maxDepth(2).build());

    assertThat(other().opens(second)).isFalse();
    assertThat(other().opens(at("/data/1/2/3"))).isFalse();
    assertThat(other().opens(third)).isTrue();
  }

  @Test
  default void whatIsIgnoredIsNotGuarded() throws Exception {
    Path denied = file("/data/a/file");
    Path byName = file("/data/a/cache/file");
    Path byGlob = file("/data/a/file.tmp");
    Path byPath = file("/data/b/c/file");
    Path elsewhere = file("/data/a/b/c/file");
    apply(guard(subject("web")).deny("/data").recursive().ignore("cache", "*.tmp", "b/c").build());

    assertThat(other().opens(denied)).isFalse();
    assertThat(other().opens(byName)).isTrue();
    assertThat(other().opens(at("/data/a/cache"))).isTrue();
    assertThat(other().opens(byGlob)).isTrue();
    assertThat(other().opens(byPath)).isTrue();
    assertThat(other().opens(elsewhere)).isFalse();
  }

  @Test
  default void whatIsMovedIntoATreeIsGuardedAndWhatIsMovedOutIsNot() throws Exception {
    file("/data/leaves/deep/file");
    file("/comes/deep/file");
    apply(guard(subject("web")).deny("/data").recursive().build());

    Files.move(at("/comes"), at("/data/comes"));
    Files.move(at("/data/leaves"), at("/leaves"));

    eventually("what came is guarded", () -> !other().opens(at("/data/comes/deep/file")));
    eventually("what left is free", () -> other().opens(at("/leaves/deep/file")));
  }

  @Test
  default void aRenameWithinATreeChangesNothing() throws Exception {
    file("/data/a/b/file");
    apply(guard(subject("web")).deny("/data").recursive().build());

    Files.move(at("/data/a"), at("/data/z"));

    assertThat(other().opens(at("/data/z/b/file"))).isFalse();
    Path late = file("/data/z/b/late/file");
    eventually("the tree is followed on", () -> !other().opens(late));
    assertThat(other().opens(at("/data/z/b/file"))).isFalse();
  }

  @Test
  default void denyWinsWhereTreesOverlap() throws Exception {
    Path denied = file("/data/open/shut/file");
    Path allowed = file("/data/open/file");
    apply(
        guard(subject("web")).allow("/data/open").recursive().build(),
        guard(subject("strict")).deny("/data/open/shut").recursive().build());

    assertThat(other().opens(denied)).isFalse();
    assertThat(other().opens(allowed)).isTrue();
  }
}
