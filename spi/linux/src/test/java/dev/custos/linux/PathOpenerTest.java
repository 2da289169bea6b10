package dev.custos.linux;

import static dev.custos.linux.TestFiles.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.linux.PathOpener.Access;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathOpenerTest {
  @TempDir Path directory;

  private final PathOpener opener = new PathOpener();
  private final FileStatus status = new FileStatus();
  private Path root;
  private Path outside;
  private FileDescriptor rootFd;

  @BeforeEach
  void makeRootBesideASecret() throws Exception {
    root = Files.createDirectory(directory.resolve("root"));
    outside = Files.createDirectory(directory.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "outside");
    rootFd = PathOpener.openRoot(root.toString());
  }

  @AfterEach
  void closeRoot() {
    rootFd.close();
  }

  @Test
  void anAbsolutePathStartsAtTheGivenRoot() throws Exception {
    Files.writeString(root.resolve("file"), "inside");
    assertThat(inodeOf("/file")).isEqualTo(inode(root.resolve("file")));
    assertThat(inodeOf("/")).isEqualTo(inode(root));
  }

  @Test
  void anAbsoluteLinkIsFollowedBelowTheRoot() throws Exception {
    Files.createDirectory(root.resolve("etc"));
    Files.writeString(root.resolve("etc/shadow"), "inside");
    Files.createSymbolicLink(root.resolve("link"), Path.of("/etc/shadow"));

    assertThat(inodeOf("/link")).isEqualTo(inode(root.resolve("etc/shadow")));
  }

  @Test
  void anAbsoluteLinkNeverLeadsOutOfTheRoot() throws Exception {
    Files.createSymbolicLink(root.resolve("link"), outside.resolve("secret"));

    assertThatThrownBy(() -> inodeOf("/link"))
        .isInstanceOf(NativeException.class)
        .hasMessage("openat2(\"/link\"): ENOENT");
  }

  @Test
  void dotDotStopsAtTheRoot() throws Exception {
    Files.writeString(root.resolve("file"), "inside");
    Files.createSymbolicLink(root.resolve("up"), Path.of("../../../../.."));

    assertThat(inodeOf("/../../../../file")).isEqualTo(inode(root.resolve("file")));
    assertThat(inodeOf("/up")).isEqualTo(inode(root));
    assertThatThrownBy(() -> inodeOf("/../outside/secret")).hasMessageContaining("ENOENT");
  }

  @Test
  void aMagicLinkOfProcIsNotFollowed() throws Exception {
    try (FileDescriptor proc = PathOpener.openRoot("/proc")) {
      assertThatThrownBy(() -> opener.openInRoot(proc.number(), bytes("self/root"), Access.HANDLE))
          .isInstanceOf(NativeException.class)
          .hasMessage("openat2(\"self/root\"): ELOOP");
    }
  }

  @Test
  void aHandleThatDoesNotFollowIsTheLinkItself() throws Exception {
    Files.createSymbolicLink(root.resolve("link"), Path.of("nowhere"));
    try (FileDescriptor fd =
        opener.openInRoot(rootFd.number(), bytes("/link"), Access.HANDLE_NOFOLLOW)) {
      assertThat(status.of(fd.number())).isZero();
      assertThat(status.isSymbolicLink()).isTrue();
    }
  }

  @Test
  void aFileIsNoDirectory() throws Exception {
    Files.writeString(root.resolve("file"), "");
    assertThatThrownBy(
            () -> opener.openInRoot(rootFd.number(), bytes("/file"), Access.DIRECTORY).close())
        .hasMessage("openat2(\"/file\"): ENOTDIR");
  }

  @Test
  void aLoopOfLinksIsAnError() throws Exception {
    Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
    Files.createSymbolicLink(root.resolve("b"), Path.of("a"));
    assertThatThrownBy(() -> inodeOf("/a")).hasMessage("openat2(\"/a\"): ELOOP");
  }

  @Test
  void anErrorShowsUnprintableBytesEscaped() {
    byte[] path = {'/', 'x', '\n', 0x1b, (byte) 0xff};
    assertThatThrownBy(() -> opener.openInRoot(rootFd.number(), path, Access.HANDLE))
        .hasMessage("openat2(\"/x\\x0a\\x1b\\xff\"): ENOENT");
  }

  @Test
  void aNulNeverCutsAPathShort() throws Exception {
    Files.writeString(root.resolve("file"), "");
    assertThatThrownBy(() -> inodeOf("/file\0.txt"))
        .isInstanceOf(NativeException.class)
        .hasMessage("openat2(\"/file\\x00.txt\"): EINVAL");
  }

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aSwapWhileWeLookNeverLeadsOutOfTheRoot() throws Exception {
    long secret = inode(outside.resolve("secret"));
    Files.createDirectory(root.resolve("real"));
    Files.writeString(root.resolve("real/secret"), "inside");
    Files.createSymbolicLink(root.resolve("evil"), outside);
    Files.createSymbolicLink(root.resolve("climb"), Path.of("../outside"));
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CountDownLatch swapping = new CountDownLatch(1);
    Thread swapper = new Thread(() -> swapUntil(done, swapping, failure), "swapper");
    swapper.start();
    int inside = 0;
    int refused = 0;
    try {
      assertThat(swapping.await(60, TimeUnit.SECONDS)).isTrue();
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1500);
      while (System.nanoTime() < end) {
        try {
          long inode = inodeOf("/at/../at/secret");
          assertThat(inode).isNotEqualTo(secret);
          inside++;
        } catch (NativeException e) {
          assertThat(e.errno())
              .isIn(Errno.ENOENT, Errno.ENOTDIR, Errno.EAGAIN, Errno.ELOOP, Errno.EXDEV);
          refused++;
        }
      }
    } finally {
      done.set(true);
      swapper.join();
    }
    assertThat(failure.get()).isNull();
    // Both happened, so the race was really run.
    assertThat(inside).isPositive();
    assertThat(refused).isPositive();
  }

  private void swapUntil(
      AtomicBoolean done, CountDownLatch swapping, AtomicReference<Throwable> failure) {
    Path at = root.resolve("at");
    try {
      while (!done.get()) {
        for (String name : new String[] {"real", "evil", "climb"}) {
          Files.move(root.resolve(name), at, StandardCopyOption.ATOMIC_MOVE);
          Files.move(at, root.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
        swapping.countDown();
      }
    } catch (Throwable t) {
      failure.set(t);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4095, 4096, 4097, 8191, 8192, 8193, 9000})
  void aPathBeyondPathMaxIsWalkedInSteps(int length) throws Exception {
    try (DeepTree tree = new DeepTree(root, length)) {
      List<String> before = TestFiles.openFiles();
      try (FileDescriptor fd = opener.openInRoot(rootFd.number(), tree.path(), Access.HANDLE)) {
        assertThat(status.of(fd.number())).isZero();
        assertThat(status.inode()).isEqualTo(tree.inode());
      }
      assertThat(TestFiles.openFiles()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4095, 4096, 8191, 8192})
  void aSlashAtTheEndOfALongPathChangesNothing(int length) throws Exception {
    try (DeepTree tree = new DeepTree(root, length)) {
      byte[] path = bytes(new String(tree.path(), StandardCharsets.UTF_8) + "/");
      try (FileDescriptor fd = opener.openInRoot(rootFd.number(), path, Access.DIRECTORY)) {
        assertThat(status.of(fd.number())).isZero();
        assertThat(status.inode()).isEqualTo(tree.inode());
      }
    }
  }

  @Test
  void aLinkLateInALongPathIsRefusedRatherThanTakenForAnotherFile() throws Exception {
    try (DeepTree tree = new DeepTree(root, 5000)) {
      // The same name exists at the root, where the link points, and at the step it is walked from.
      Files.writeString(root.resolve("target"), "the right one");
      tree.link("link", "/target");
      byte[] path = bytes(new String(tree.path(), StandardCharsets.UTF_8) + "/link");

      assertThatThrownBy(() -> opener.openInRoot(rootFd.number(), path, Access.HANDLE))
          .isInstanceOf(NativeException.class)
          .hasMessageEndingWith("EXDEV");
    }
  }

  @Test
  void aRelativeLinkLateInALongPathIsFollowed() throws Exception {
    try (DeepTree tree = new DeepTree(root, 5000)) {
      tree.link("link", ".");
      byte[] path = bytes(new String(tree.path(), StandardCharsets.UTF_8) + "/link");

      try (FileDescriptor fd = opener.openInRoot(rootFd.number(), path, Access.HANDLE)) {
        assertThat(status.of(fd.number())).isZero();
        assertThat(status.inode()).isEqualTo(tree.inode());
      }
    }
  }

  @Test
  void aNameThatNoStepCanHoldIsTooLong() {
    byte[] path = bytes("/" + "x".repeat(5000));
    assertThatThrownBy(() -> opener.openInRoot(rootFd.number(), path, Access.HANDLE))
        .isInstanceOf(NativeException.class)
        .hasMessageEndingWith("ENAMETOOLONG");
  }

  @Test
  void aTrustedPathThatIsTooLongIsAnErrorThatSaysSo() {
    assertThatThrownBy(() -> PathOpener.openRoot("/" + "x/".repeat(4000)))
        .isInstanceOf(NativeException.class)
        .hasMessageEndingWith("ENAMETOOLONG");
  }

  @Test
  void aChildIsNeverOpenedThroughALink() throws Exception {
    Files.createSymbolicLink(root.resolve("link"), outside);
    byte[] name = bytes("link");
    assertThat(opener.openChild(rootFd.number(), name, 0, name.length, Access.DIRECTORY))
        .isIn(-Errno.ELOOP, -Errno.ENOTDIR);
    byte[] gone = bytes("gone");
    assertThat(opener.openChild(rootFd.number(), gone, 0, gone.length, Access.HANDLE))
        .isEqualTo(-Errno.ENOENT);
  }

  @Test
  void aLinkIsReadAsTheBytesItHolds() throws Exception {
    Files.createSymbolicLink(root.resolve("link"), Path.of("to/élsewhere"));
    try (FileDescriptor fd =
        opener.openInRoot(rootFd.number(), bytes("/link"), Access.HANDLE_NOFOLLOW)) {
      assertThat(opener.readLink(fd.number())).isEqualTo(bytes("to/élsewhere"));
    }
  }

  private long inodeOf(String path) throws NativeException {
    try (FileDescriptor fd = opener.openInRoot(rootFd.number(), bytes(path), Access.HANDLE)) {
      assertThat(status.of(fd.number())).isZero();
      return status.inode();
    }
  }

  private static long inode(Path path) throws Exception {
    return (Long) Files.getAttribute(path, "unix:ino");
  }
}
