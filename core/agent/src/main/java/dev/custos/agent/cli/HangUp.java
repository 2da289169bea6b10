package dev.custos.agent.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;

/**
 * SIGHUP, which means two things: a daemon is asked to read its configuration again, and a terminal
 * has gone. Without a handler the JVM ends, in order, with 129.
 */
final class HangUp {
  private HangUp() {}

  /**
   * Runs {@code task} for each SIGHUP, on a thread of the JVM's; it must not block. A process that
   * was started to ignore the signal, as by nohup(1), goes on ignoring it.
   */
  static void handle(Runnable task) {
    try {
      // The JDK's module jdk.unsupported has it and nothing else does; the compiler warns of each
      // direct use, and takes no word for it.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              HangUp.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      task.run();
                      yield null;
                    }
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    default -> "custos";
                  });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), ours);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      throw new IllegalStateException("this JVM gives no way to handle SIGHUP: " + e, e);
    }
  }

  /** Whether the process has a terminal that controls it, tty(4), and that is still there. */
  static boolean hasTerminal() {
    try (FileInputStream terminal = new FileInputStream("/dev/tty")) {
      return terminal.getFD().valid();
    } catch (IOException e) {
      return false;
    }
  }
}
