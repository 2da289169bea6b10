package dev.custos.agent.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/**
 * SIGHUP, which means two things: a daemon is asked to read its configuration again, or a terminal
 * has gone. There is always a handler, also where the JVM would end by itself: it would do so
 * beside whatever else ends the session, and which of the two exit codes counts would be chance.
 */
final class HangUp {
  private final boolean hadTerminal;
  private final Runnable end;
  private final Consumer<String> warn;
  private final Thread handling = new Thread(this::take, "custos-hangup");

  // Guarded by this.
  private Runnable reread;
  private boolean asked;

  /**
   * Makes one that is not called yet.
   *
   * @param end what to do when the terminal has gone, or if there is nothing to read again; must
   *     not block
   * @param rereads whether there is a configuration to read again
   * @param warn told if there is no way to handle the signal
   */
  HangUp(Runnable end, boolean rereads, Consumer<String> warn) {
    this.end = end;
    this.warn = warn;
    this.hadTerminal = rereads && hasTerminal();
    this.reread = rereads ? () -> asked = true : null;
  }

  /**
   * Begins to be called for each SIGHUP, on threads of the JVM's. A process that was started to
   * ignore the signal, as by nohup(1), goes on ignoring it.
   */
  void handle() {
    // It takes 10 ms of a start, which has something else to do meanwhile.
    handling.setDaemon(true);
    handling.start();
  }

  /** Returns once it is called. */
  void awaitHandled() throws InterruptedException {
    handling.join();
  }

  private void take() {
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
                      hungUp();
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
      Throwable cause = e.getCause() == null ? e : e.getCause();
      warn.accept("this JVM gives no way to handle SIGHUP, which ends it: " + cause);
    }
  }

  /** The signal came. */
  synchronized void hungUp() {
    if (reread == null || (hadTerminal && !hasTerminal())) {
      end.run();
    } else {
      reread.run();
    }
  }

  /**
   * Takes what has the configuration read again, and calls it if it was asked for before.
   *
   * @param task must not block
   */
  synchronized void rereadBy(Runnable task) {
    reread = task;
    if (asked) {
      task.run();
    }
  }

  /** Whether the process has a terminal that controls it, tty(4), and that is still there. */
  private static boolean hasTerminal() {
    try (FileInputStream terminal = new FileInputStream("/dev/tty")) {
      return terminal.getFD().valid();
    } catch (IOException e) {
      return false;
    }
  }
}
