package dev.custos.agent.cli;

import java.lang.reflect.Field;
import java.util.concurrent.CountDownLatch;

/**
 * A process that is told to exit twice: as the JDK does it on SIGTERM, and as its main thread does,
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
    Object lock = field.get(null);
    new Thread(() -> hold(lock, held, signal, own)).start();
    held.await();
    signal.start();
  }

  private static void hold(Object lock, CountDownLatch held, Thread signal, Thread own) {
    synchronized (lock) {
      held.countDown();
      while (!isEnding(signal)) {
        Thread.onSpinWait();
      }
      own.start();
      while (own.getState() != Thread.State.WAITING && !isEnding(own)) {
        Thread.onSpinWait();
      }
    }
  }

  /** Whether it is past the hooks, and waits for the lock. */
  private static boolean isEnding(Thread thread) {
    StackTraceElement[] stack = thread.getStackTrace();
    return stack.length > 0 && stack[0].getMethodName().equals("halt");
  }
}
