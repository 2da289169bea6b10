package dev.custos.agent.cli;

import java.lang.reflect.Field;
import java.util.concurrent.CountDownLatch;

/**
 * A process that is told to exit twice: as the JDK does it on SIGTERM, and by its own main thread
 * just before that exit comes to its end. The JVM's last lock is held until both are under way.
 */
final class ExitingChild {
  static final int OWN_STATUS = 7;
  static final int SIGNAL_STATUS = 143;

  private ExitingChild() {}

  public static void main(String[] arguments) throws Exception {
    Field field = Class.forName("java.lang.Shutdown").getDeclaredField("haltLock");
    field.setAccessible(true);
    Thread signal = new Thread(() -> System.exit(SIGNAL_STATUS));
    Thread own = new Thread(() -> Main.exit(OWN_STATUS));
    CountDownLatch held = new CountDownLatch(1);
    new Thread(() -> hold(field, held, signal, own)).start();
    held.await();
    signal.start();
  }

  private static void hold(Field field, CountDownLatch held, Thread signal, Thread own) {
    try {
      synchronized (field.get(null)) {
        held.countDown();
        while (!isEnding(signal)) {
          Thread.onSpinWait();
        }
        own.start();
        while (own.getState() != Thread.State.WAITING && !isEnding(own)) {
          Thread.onSpinWait();
        }
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether it is past the hooks, and waits for the lock. */
  private static boolean isEnding(Thread thread) {
    StackTraceElement[] stack = thread.getStackTrace();
    return stack.length > 0 && stack[0].getMethodName().equals("halt");
  }
}
