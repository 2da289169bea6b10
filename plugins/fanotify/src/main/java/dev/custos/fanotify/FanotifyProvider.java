package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathBuffer;
import dev.custos.spi.Availability;
import dev.custos.spi.BackendContext;
import dev.custos.spi.BackendException;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.guard.GuardBackend;
import dev.custos.spi.guard.GuardBackendProvider;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import org.pf4j.Extension;

/** Guards by fanotify(7)'s permission events. */
@Extension
public final class FanotifyProvider implements GuardBackendProvider {
  @Override
  public String name() {
    return "fanotify";
  }

  /** Opens a group and marks a file in memory that nobody else can open. */
  @Override
  public Availability probe() {
    try {
      String denied = tryPermissionMark();
      if (!denied.isEmpty()) {
        return Availability.no(denied);
      }
      String audit = auditProblem();
      return audit.isEmpty()
          ? Availability.yes()
          : Availability.yesBut("answers can't be audited: " + audit);
    } catch (LinkageError e) {
      return Availability.no("the C library can't be called: " + e.getMessage());
    }
  }

  private static String tryPermissionMark() {
    try (FanotifyGroup group = new FanotifyGroup(false);
        FileDescriptor file = memoryFile()) {
      int errno = group.add(file.number(), Fanotify.OPEN_PERM);
      return errno == 0
          ? ""
          : "fanotify_mark with FAN_OPEN_PERM: "
              + Errno.name(errno)
              + "; the kernel needs CONFIG_FANOTIFY_ACCESS_PERMISSIONS";
    } catch (NativeException e) {
      return e.getMessage() + wayOut(e.errno());
    }
  }

  private static String wayOut(int errno) {
    return switch (errno) {
      case Errno.EPERM -> "; guarding needs CAP_SYS_ADMIN";
      case Errno.ENOSYS -> "; the kernel needs CONFIG_FANOTIFY";
      case Errno.EINVAL -> "; the kernel needs CONFIG_FANOTIFY_ACCESS_PERMISSIONS";
      case Errno.EMFILE -> "; raise fs.fanotify.max_user_groups or the limit on open files";
      default -> "";
    };
  }

  private static FileDescriptor memoryFile() throws NativeException {
    byte[] name = "custos-probe".getBytes(StandardCharsets.US_ASCII);
    int fd = FanotifyLibrary.CALLS.memfd_create(new PathBuffer().path(name, 0, name.length), 1);
    if (fd < 0) {
      throw new NativeException("memfd_create", "", FanotifyLibrary.errno());
    }
    return new FileDescriptor(fd);
  }

  private static String auditProblem() {
    try (FanotifyGroup group = new FanotifyGroup(true)) {
      return group.isOpen() ? "" : "closed";
    } catch (NativeException e) {
      return switch (e.errno()) {
        case Errno.EPERM -> e.getMessage() + "; needs CAP_AUDIT_WRITE";
        case Errno.EINVAL -> e.getMessage() + "; the kernel needs CONFIG_AUDITSYSCALL";
        default -> e.getMessage();
      };
    }
  }

  @Override
  public Set<PermissionKind> kinds() {
    return EnumSet.allOf(PermissionKind.class);
  }

  @Override
  public GuardBackend open(BackendContext context) throws BackendException {
    String denied = tryPermissionMark();
    if (!denied.isEmpty()) {
      throw new BackendException("fanotify: " + denied);
    }
    return new FanotifyBackend(
        context, auditProblem(), MarkRoom.ofHeap(Runtime.getRuntime().maxMemory()));
  }
}
