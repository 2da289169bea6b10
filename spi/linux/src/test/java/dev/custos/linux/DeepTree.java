package dev.custos.linux;

import static dev.custos.linux.TestFiles.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A chain of directories whose path from the root has an exact length, made and removed one level
 * at a time: no single call takes a path that long.
 */
final class DeepTree implements AutoCloseable {
  private static final int AT_REMOVEDIR = 0x200;
  private static final int NAME = 200;

  private final Deque<FileDescriptor> levels = new ArrayDeque<>();
  private final Deque<byte[]> names = new ArrayDeque<>();
  private final ByteArrayOutputStream path = new ByteArrayOutputStream();
  private final PathOpener opener = new PathOpener();
  private byte[] link;

  DeepTree(Path root, int length) throws Exception {
    levels.push(PathOpener.openRoot(root.toString()));
    while (path.size() < length) {
      int left = length - path.size() - 1;
      // Never leaves a rest of one byte, which would be a slash without a name.
      int n = left <= NAME ? left : left == NAME + 1 ? NAME - 1 : NAME;
      byte[] name = bytes("d".repeat(n));
      path.write('/');
      path.writeBytes(name);
      assertThat(ServerLibrary.LIBRARY.mkdirat(top(), buffer(name), 0700)).isZero();
      int fd = opener.openChild(top(), name, 0, n, PathOpener.Access.HANDLE);
      levels.push(new FileDescriptor(fd));
      names.push(name);
    }
    assertThat(path.size()).isEqualTo(length);
  }

  byte[] path() {
    return path.toByteArray();
  }

  long inode() {
    FileStatus status = new FileStatus();
    assertThat(status.of(top())).isZero();
    return status.inode();
  }

  void link(String name, String target) {
    link = bytes(name);
    assertThat(ServerLibrary.LIBRARY.symlinkat(buffer(bytes(target)), top(), buffer(link)))
        .isZero();
  }

  private int top() {
    return levels.element().number();
  }

  private static java.nio.ByteBuffer buffer(byte[] name) {
    return new PathBuffer().path(name, 0, name.length);
  }

  @Override
  public void close() {
    if (link != null) {
      ServerLibrary.LIBRARY.unlinkat(top(), buffer(link), 0);
    }
    while (!names.isEmpty()) {
      levels.pop().close();
      ServerLibrary.LIBRARY.unlinkat(top(), buffer(names.pop()), AT_REMOVEDIR);
    }
    levels.pop().close();
  }
}
