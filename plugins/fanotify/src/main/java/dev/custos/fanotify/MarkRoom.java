package dev.custos.fanotify;

/**
 * How many objects the heap has room for, of all targets together. A look that went on without
 * counting would end the agent, and with it what all others guard. Thread-safe.
 */
final class MarkRoom {
  // What an object takes at most, with what it takes while it is looked at again, and what the
  // agent needs for everything else; measured.
  private static final long BYTES_PER_OBJECT = 2048;
  private static final long BESIDE = 10L << 20;

  private final long most;
  private long taken;

  MarkRoom(long most) {
    this.most = most;
  }

  /** That of a heap which may get as large as this, in bytes. */
  static MarkRoom ofHeap(long bytes) {
    return new MarkRoom(Math.max(bytes - BESIDE, 1 << 20) / BYTES_PER_OBJECT);
  }

  Share share() {
    return new Share();
  }

  /** What one target takes. Of a look that fails, what it had counted stays until the next. */
  final class Share {
    private long before;
    private long now;
    private boolean freed;

    private Share() {}

    /** Begins to count anew; what was there before is kept until the end. */
    void begin() {
      synchronized (MarkRoom.this) {
        before = Math.max(before, now);
        now = 0;
      }
    }

    /** Why nothing more was counted, and the way out. */
    String exhausted() {
      return "memory has room for "
          + most
          + " guarded objects of this node, and all is in use; raise CUSTOS_HEAP";
    }

    /** Counts one more; false if there is no room for it. */
    boolean take() {
      synchronized (MarkRoom.this) {
        if (freed) {
          return false;
        }
        if (now >= before) {
          if (taken >= most) {
            return false;
          }
          taken++;
        }
        now++;
        return true;
      }
    }

    /** Ends the count: what was there before and is not now is free. */
    void end() {
      synchronized (MarkRoom.this) {
        taken -= Math.max(before - now, 0);
        before = now;
      }
    }

    /** Gives all back, for good: a look that is still under way gets no more. */
    void free() {
      synchronized (MarkRoom.this) {
        begin();
        end();
        freed = true;
      }
    }
  }
}
