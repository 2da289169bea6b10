package dev.custos.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.linux.PathOpener.Access;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SilentOpenerTest {
  private static final Path OWN_NAMESPACE = Path.of("/proc/self/ns/mnt");
  private static final String GONE = "gone";

  @TempDir Path temp;

  private final PathOpener paths = new PathOpener();
  private Thread answering;
  private SilentOpener opener;

  @BeforeEach
  void open() {
    try {
      opener = new SilentOpener(task -> answering = new Thread(task, "answering"));
    } catch (NativeException e) {
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError(e);
      }
      Assumptions.abort(e.getMessage());
    }
  }

  @AfterEach
  void closingEndsTheThread() throws InterruptedException {
    if (opener != null) {
      opener.close();
      answering.join(60_000);
      assertThat(answering.isAlive()).isFalse();
    }
  }

  private int openSilently(Path directory) throws NativeException {
    try (FileDescriptor handle = PathOpener.openRoot(directory.toString())) {
      return opener.openDirectory(handle.number(), OWN_NAMESPACE);
    }
  }

  private Set<String> names(int fd) {
    DirectoryReader reader = new DirectoryReader();
    Set<String> names = new TreeSet<>();
    while (reader.fill(fd) > 0) {
      while (reader.next()) {
        names.add(new String(reader.name(), 0, reader.nameLength(), StandardCharsets.UTF_8));
      }
    }
    return names;
  }

  /** What inotify tells of these directories. */
  private static final class Listener implements AutoCloseable {
    private static final int NONBLOCK = 0x800;
    private static final int ALL_EVENTS = 0xfff;
    private final FileDescriptor inotify =
        new FileDescriptor(ServerLibrary.LIBRARY.inotify_init1(NONBLOCK));
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);

    Listener(Path... directories) {
      for (Path directory : directories) {
        byte[] path = TestFiles.bytes(directory.toString());
        ByteBuffer name = new PathBuffer().path(path, 0, path.length);
        int wd = ServerLibrary.LIBRARY.inotify_add_watch(inotify.number(), name, ALL_EVENTS);
        assertThat(wd).isPositive();
      }
    }

    boolean hasHeard() throws NativeException {
      return inotify.read(buffer) > 0;
    }

    @Override
    public void close() {
      inotify.close();
    }
  }

  @Test
  void nobodyHearsOfTheListing() throws Exception {
    Path directory = Files.createDirectory(temp.resolve("listed"));
    Files.createFile(directory.resolve("a"));
    Files.createFile(directory.resolve("b"));
    try (Listener listener = new Listener(temp, directory)) {
      int fd = openSilently(directory);
      assertThat(fd).isNotNegative();
      assertThat(names(fd)).containsExactly("a", "b");
      FileDescriptor.close(fd);
      assertThat(listener.hasHeard()).isFalse();

      // The listener would hear if there were anything to hear.
      TestFiles.openForReading(directory).close();
      assertThat(listener.hasHeard()).isTrue();
    }
  }

  @Test
  void othersOpenTheDirectoryMeanwhileAsIfNothingWere() throws Exception {
    Files.createFile(temp.resolve("a"));
    String often = "i=0; while [ $i -lt 100 ]; do ls \"$0\"; i=$((i+1)); done; echo end";
    Process others =
        new ProcessBuilder("sh", "-c", often, temp.toString()).redirectErrorStream(true).start();
    FutureTask<List<String>> said =
        new FutureTask<>(() -> others.inputReader().lines().collect(Collectors.toList()));
    new Thread(said, "reading").start();
    while (!said.isDone()) {
      int fd = openSilently(temp);
      assertThat(fd).isNotNegative();
      FileDescriptor.close(fd);
    }

    List<String> lines = said.get();
    assertThat(lines.subList(0, 100)).containsOnly("a");
    assertThat(lines.subList(100, lines.size())).containsExactly("end");
  }

  /** What would happen if this process were stopped just then. */
  @Test
  void nobodyElseWaitsForTheThreadThatAnswers() throws Exception {
    Files.createFile(temp.resolve("a"));
    Runnable[] late = new Runnable[1];
    try (SilentOpener stopped =
            new SilentOpener(
                task -> {
                  late[0] = task;
                  return new Thread();
                });
        FileDescriptor handle = PathOpener.openRoot(temp.toString())) {
      FutureTask<Integer> opening =
          new FutureTask<>(() -> stopped.openDirectory(handle.number(), OWN_NAMESPACE));
      Thread waiting = new Thread(opening, "opening");
      waiting.start();
      for (int i = 0; i < 20; i++) {
        Process ls = new ProcessBuilder("ls", temp.toString()).start();
        assertThat(ls.inputReader().lines()).containsExactly("a");
      }
      assertThat(opening.isDone()).isFalse();

      answering = new Thread(late[0], "answering");
      answering.start();
      int fd = opening.get(1, TimeUnit.MINUTES);
      assertThat(names(fd)).containsExactly("a");
      FileDescriptor.close(fd);
    }
  }

  @Test
  void nobodyHearsOfWhatIsOpenedBelowADirectory() throws Exception {
    Path directory = Files.createDirectory(temp.resolve("listed"));
    Path child = Files.createDirectory(directory.resolve("child"));
    Files.createFile(child.resolve("a"));
    int top = openSilently(directory);
    try (Listener listener = new Listener(temp, directory, child);
        FileDescriptor handle = PathOpener.openRoot(child.toString())) {
      int fd = opener.openChild(top, TestFiles.bytes("child"), handle.number());
      assertThat(names(fd)).containsExactly("a");
      FileDescriptor.close(fd);
      assertThat(listener.hasHeard()).isFalse();
    }
    FileDescriptor.close(top);
  }

  @Test
  void whatIsMountedOnAnEntryIsNotTakenForIt() throws Exception {
    Path child = Files.createDirectory(temp.resolve("child"));
    Files.createFile(child.resolve("hidden"));
    int top = openSilently(temp);
    mountTmpfs(child);
    try (FileDescriptor handle = PathOpener.openRoot(child.toString())) {
      byte[] name = TestFiles.bytes("child");
      assertThat(opener.openChild(top, name, handle.number())).isEqualTo(-Errno.ESTALE);
      int fd = opener.openDirectory(handle.number(), OWN_NAMESPACE);
      assertThat(names(fd)).isEmpty();
      FileDescriptor.close(fd);
    } finally {
      assertThat(new ProcessBuilder("umount", child.toString()).start().waitFor()).isZero();
    }
    FileDescriptor.close(top);
  }

  @Test
  void directoriesInAnotherMountNamespaceAreOpenedSilentlyAndTheNamespaceIsLetGo()
      throws Exception {
    Path mounted = Files.createDirectory(temp.resolve("mounted"));
    String script =
        "mount -t tmpfs custos-test \"$0\" && mkdir \"$0/inside\" && echo ok && read -r line";
    Process container =
        new ProcessBuilder("unshare", "-m", "sh", "-c", script, mounted.toString())
            .redirectErrorStream(true)
            .start();
    try {
      requireMount("ok".equals(container.inputReader().readLine()));
      Path process = Path.of("/proc/" + container.pid());
      Path there = process.resolve("root" + mounted);
      String own = Files.readSymbolicLink(OWN_NAMESPACE).toString();
      Path theirs = process.resolve("ns/mnt");
      assertThat(Files.readSymbolicLink(theirs).toString()).isNotEqualTo(own);
      try (Listener listener = new Listener(there);
          FileDescriptor handle = PathOpener.openRoot(there.toString())) {
        int fd = opener.openDirectory(handle.number(), theirs);
        assertThat(names(fd)).containsExactly("inside");
        FileDescriptor.close(fd);
        assertThat(listener.hasHeard()).isFalse();

        assertThatThrownBy(() -> opener.openDirectory(handle.number(), OWN_NAMESPACE))
            .hasMessage("open_tree: EINVAL");
      }
      try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
        for (Path thread : threads.toList()) {
          assertThat(namespaceOf(thread)).isIn(own, GONE);
        }
      }
    } finally {
      container.destroyForcibly().waitFor();
    }
  }

  private static String namespaceOf(Path thread) throws IOException {
    try {
      return Files.readSymbolicLink(thread.resolve("ns/mnt")).toString();
    } catch (NoSuchFileException e) {
      return GONE;
    }
  }

  private static void mountTmpfs(Path point) throws Exception {
    Process mount =
        new ProcessBuilder("mount", "-t", "tmpfs", "custos-test", point.toString()).start();
    requireMount(mount.waitFor() == 0);
  }

  private static void requireMount(boolean ok) {
    if (!ok && "true".equals(System.getenv("CI"))) {
      throw new AssertionError("mount(8) is not permitted here");
    }
    Assumptions.assumeTrue(ok, "mount(8) is not permitted here");
  }

  @Test
  void descriptorsAreGivenBack() throws Exception {
    FileDescriptor.close(openSilently(temp));
    List<String> before = TestFiles.openFiles();
    for (int i = 0; i < 2000; i++) {
      int fd = openSilently(temp);
      assertThat(fd).isNotNegative();
      FileDescriptor.close(fd);
    }
    assertThat(TestFiles.openFiles()).isEqualTo(before);
  }

  @Test
  void whatIsNoDirectoryIsAnError() throws Exception {
    Path file = Files.createFile(temp.resolve("file"));
    byte[] path = TestFiles.bytes(file.toString());
    try (FileDescriptor root = PathOpener.openRoot("/");
        FileDescriptor handle = paths.openInRoot(root.number(), path, Access.HANDLE)) {
      assertThat(opener.openDirectory(handle.number(), OWN_NAMESPACE)).isEqualTo(-Errno.ENOTDIR);
    }
  }

  @Test
  void afterCloseItOpensNothing() throws Exception {
    opener.close();
    answering.join(60_000);

    assertThatThrownBy(() -> openSilently(temp)).hasMessage("fanotify_mark: EBADF");
  }
}
