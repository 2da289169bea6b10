package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.spi.BackendContext;
import dev.custos.spi.Target;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.Guard.Mode;
import dev.custos.spi.guard.Guard.Processes;
import dev.custos.spi.guard.Guard.Report;
import dev.custos.spi.guard.GuardPlan;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Walks a reader's way through made-up events before there is a mark, so that every class on it is
 * loaded and every call linked: once there are marks, a class loader may have to wait for the
 * reader. Guards nothing: answers go to {@code /dev/null}.
 */
final class Rehearsal {
  private static final int O_WRONLY = 1;
  private static final int STRANGER = Integer.MAX_VALUE;
  private static final Processes SOME = new Processes(Set.of(FilePath.of("/dev/null")), Set.of(0));
  private static final byte[] NULL_DEVICE = "/dev/null".getBytes(StandardCharsets.US_ASCII);

  private Rehearsal() {}

  static void run(BackendContext context, DescriptorReserve reserve) throws NativeException {
    DecisionPublisher publisher = new DecisionPublisher(new Unheard(context));
    try (FileDescriptor root = PathOpener.openRoot("/");
        FileDescriptor sink = openForWriting()) {
      Target target =
          new Target(
              "rehearsal",
              Origin.ofNode("rehearsal"),
              root.number(),
              OptionalInt.empty(),
              OptionalLong.empty(),
              Path.of("/proc/self/mountinfo"));
      DecisionLog log = publisher.open(target, IdMap.SAME);
      Owner nobody = new Owner(OptionalInt.empty());
      OwnListings listings = new OwnListings();
      supervised(target, new Unheard(context), publisher, nobody, reserve);
      Verdict verdict = new Verdict(target, nobody, listings);
      try (FanotifyGroup group = new FanotifyGroup(false);
          Question question = new Question(group)) {
        // Its mark is none of a file that anybody opens here.
        group.flush();
        Responder responder =
            new Responder(
                sink.number(), verdict, log, publisher, context.clock(), true, question, reserve);
        RuleTable none = RuleTable.EMPTY;
        RuleTable file = table(target, "/dev/null", "/dev/zero", Processes.EVERYONE);
        RuleTable directory = table(target, "/dev", "/", Processes.EVERYONE);
        RuleTable both = table(target, "/dev", "/dev/null", Processes.EVERYONE);
        RuleTable some = table(target, "/dev", "/dev/null", SOME);
        int self = (int) ProcessHandle.current().pid();
        for (RuleTable table :
            List.of(none, file, directory, both, some, file, directory, both, some)) {
          answer(responder, table, STRANGER);
          answer(responder, table, self);
        }
        lookAt(self, target, some.narrowings());
        log.overflowed();
        log.refused(Errno.EMFILE);
        publisher.wake(true);
      }
    } finally {
      publisher.close();
    }
  }

  /** A group that nobody asks but its own question: the readers' and the supervisor's way. */
  private static void supervised(
      Target target,
      BackendContext context,
      DecisionPublisher publisher,
      Owner owner,
      DescriptorReserve reserve)
      throws NativeException {
    try (GroupReaders readers =
        new GroupReaders(
            target,
            context,
            publisher,
            owner,
            new OwnListings(),
            false,
            reserve,
            new Unconcerned())) {
      readers.supervise(System.nanoTime());
      readers.prove();
      readers.rehearse();
    }
    reserve.release();
    reserve.refill();
  }

  private static final class Unconcerned implements GroupReaders.Listener {
    @Override
    public void stalled(Instant since) {
      // It is not.
    }

    @Override
    public void resumed() {
      // It never was away.
    }

    @Override
    public void ended(Throwable cause) {
      // As asked.
    }
  }

  /** The agent asks nobody about itself, so that nothing above looks at a process that is there. */
  private static void lookAt(int pid, Target target, List<Narrowing> narrowings)
      throws NativeException {
    AskingProcess process = new AskingProcess(target, IdMap.SAME);
    process.turnTo(pid);
    process.matching(narrowings, -1);
    process.isProtected();
    process.describe(new ProcessNote());
  }

  private static RuleTable table(Target target, String allow, String deny, Processes processes)
      throws NativeException {
    Guard guard =
        new Guard(
            new Subject("JanusGuard", "", "rehearsal", 0, Map.of()),
            List.of(FilePath.of(allow)),
            List.of(FilePath.of(deny)),
            Set.of(PermissionKind.OPEN_PERM),
            false,
            0,
            List.of(),
            false,
            false,
            true,
            true,
            Mode.ENFORCE,
            Report.ALL,
            processes,
            List.of());
    GuardPlan plan = new GuardPlan(target, List.of(guard));
    MarkRoom.Share room = new MarkRoom(Long.MAX_VALUE).share();
    return new Survey(plan, Surroundings.unfollowed(target), 0, room, g -> "")
        .table(List.of(), Set.of());
  }

  private static void answer(Responder responder, RuleTable table, int pid) throws NativeException {
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(EventCursor.METADATA_LENGTH).order(ByteOrder.nativeOrder());
    buffer.putInt(EventCursor.METADATA_LENGTH).put((byte) EventCursor.VERSION).put((byte) 0);
    buffer.putShort((short) EventCursor.METADATA_LENGTH).putLong(Fanotify.OPEN_PERM);
    // The responder closes it, as it does with an event's.
    buffer.putInt(openForWriting().number()).putInt(pid);
    EventCursor cursor = new EventCursor(buffer);
    cursor.start(EventCursor.METADATA_LENGTH);
    responder.respond(cursor, table);
  }

  private static FileDescriptor openForWriting() throws NativeException {
    ByteBuffer path = ByteBuffer.allocateDirect(NULL_DEVICE.length + 1).put(NULL_DEVICE).clear();
    int fd =
        FanotifyLibrary.CALLS.openat(Fanotify.AT_FDCWD, path, O_WRONLY | Fanotify.O_CLOEXEC, 0);
    if (fd < 0) {
      throw new NativeException("open", "/dev/null", FanotifyLibrary.errno());
    }
    return new FileDescriptor(fd);
  }
}
