package dev.custos.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.linux.PathOpener.Access;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SilentOpenerTest {
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
      return opener.openDirectory(handle.number());
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
      assertThat(opener.wasSilent()).isTrue();
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
      assertThat(opener.wasSilent()).isTrue();
      FileDescriptor.close(fd);
    }

    List<String> lines = said.get();
    assertThat(lines.subList(0, 100)).containsOnly("a");
    assertThat(lines.subList(100, lines.size())).containsExactly("end");
  }

  @Test
  void descriptorsAreGivenBack() throws Exception {
    FileDescriptor.close(openSilently(temp));
    int before = TestFiles.lowestFreeDescriptor();
    for (int i = 0; i < 2000; i++) {
      int fd = openSilently(temp);
      assertThat(fd).isNotNegative();
      FileDescriptor.close(fd);
    }
    assertThat(TestFiles.lowestFreeDescriptor()).isEqualTo(before);
  }

  @Test
  void whatIsNoDirectoryIsAnError() throws Exception {
    Path file = Files.createFile(temp.resolve("file"));
    byte[] path = TestFiles.bytes(file.toString());
    try (FileDescriptor root = PathOpener.openRoot("/");
        FileDescriptor handle = paths.openInRoot(root.number(), path, Access.HANDLE)) {
      assertThat(opener.openDirectory(handle.number())).isEqualTo(-Errno.ENOTDIR);
      assertThat(opener.wasSilent()).isFalse();
    }
  }

  @Test
  void afterCloseItOpensNothing() throws Exception {
    opener.close();
    answering.join(60_000);

    assertThat(openSilently(temp)).isEqualTo(-Errno.EBADF);
  }
}
