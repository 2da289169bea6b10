package dev.custos.agent.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.linux.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a folder that looks like {@code /proc}. */
class ProcessTableTest {
  private static final String ID = "a".repeat(64);
  private static final String OTHER = "b".repeat(64);
  private static final ContainerRef WANTED = new ContainerRef("uid-1", ID);

  @TempDir Path proc;
  private ProcessTable table;

  @BeforeEach
  void look() {
    table = new ProcessTable(proc, PodCgroups.seenFrom(""), new SmallFile());
  }

  private void process(int pid, String state, long start, String cgroup, String name)
      throws IOException {
    Path folder = Files.createDirectory(proc.resolve(Integer.toString(pid)));
    Files.writeString(folder.resolve("cgroup"), "0::" + cgroup + "\n");
    Files.writeString(folder.resolve("cmdline"), name + "\0-x\0");
    Files.writeString(
        folder.resolve("stat"), pid + " (n) " + state + " 1".repeat(18) + " " + start + " 0 0\n");
  }

  private static String pod(String uid, String id) {
    return "/kubepods/burstable/pod" + uid + "/" + id;
  }

  @Test
  void theOldestProcessIsTheContainersWhateverItsNumber() throws Exception {
    process(400, "S", 50, pod("uid-1", ID), "younger");
    process(9000, "S", 40, pod("uid-1", ID), "oldest");
    process(30, "S", 45, pod("uid-1", ID) + "/below", "between");
    process(20, "Z", 10, pod("uid-1", ID), "ended");
    process(21, "S", 1, pod("uid-1", OTHER), "another's");
    ProcessTable.Look look = table.look(Set.of(WANTED));
    assertThat(look.containers()).containsOnlyKeys(WANTED);
    assertThat(look.containers().get(WANTED)).isEqualTo(new ProcessTable.Found(9000, 40));
  }

  @Test
  void anotherPodsContainerIsNeverTakenForIt() throws Exception {
    process(1, "S", 1, pod("uid-2", ID), "sh");
    ProcessTable.Look look = table.look(Set.of(WANTED));
    assertThat(look.containers()).isEmpty();
    assertThat(look.elsewhere()).containsEntry(ID, "uid-2");
  }

  @Test
  void aSandboxInThePodIsTold() throws Exception {
    process(1, "S", 1, pod("uid-1", OTHER), "/opt/kata/bin/qemu-system-x86_64");
    process(2, "S", 1, pod("uid-2", OTHER), "/usr/bin/qemu-system-x86_64");
    ProcessTable.Look look = table.look(Set.of(WANTED));
    assertThat(look.containers()).isEmpty();
    assertThat(look.sandboxes()).containsOnlyKeys("uid-1").containsValue("qemu-system-x86_64");
  }

  @Test
  void whatEndsWhileItIsLookedAtAndWhatIsNoProcessIsPassedOver() throws Exception {
    Files.createDirectory(proc.resolve("77"));
    Files.createDirectory(proc.resolve("sys"));
    Files.createDirectory(proc.resolve("12a"));
    Files.writeString(proc.resolve("uptime"), "1 1");
    process(5, "S", 1, pod("uid-1", ID), "sh");
    assertThat(table.look(Set.of(WANTED)).containers().get(WANTED).pid()).isEqualTo(5);
  }
}
