package dev.custos.agent.watchdog;

import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.ProcessGroup;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The launcher's end of a pipe that it started the agent with: lines of ASCII, each written at
 * once. {@code deadline MILLISECONDS} begins to be watched, {@code .} is a sign of life, {@code
 * plan DIGEST} and {@code gone DIGEST} say which plans are in force, {@code rest} ends it. {@code
 * hears HUP} says that SIGHUP may be passed on from now on. Not thread-safe.
 */
final class LauncherPipe {
  /** The variable that names the descriptor. */
  static final String DESCRIPTOR = "CUSTOS_WATCHDOG_FD";

  // pipe(7): a write up to PIPE_BUF bytes is never split. No line here comes near.
  private static final int LONGEST = 512;

  private final FileDescriptor descriptor;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(LONGEST);

  private LauncherPipe(FileDescriptor descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * The pipe that the environment names, or null. The process then leads a process group of its
   * own, so that the launcher can end it with all its children.
   */
  static LauncherPipe of(Map<String, String> environment) {
    String number = environment.get(DESCRIPTOR);
    if (number == null || !number.matches("[0-9]{1,4}")) {
      return null;
    }
    ProcessGroup.lead();
    return new LauncherPipe(new FileDescriptor(Integer.parseInt(number)));
  }

  /**
   * Writes a line.
   *
   * @throws NativeException EPIPE if the launcher is gone
   */
  void say(String line) throws NativeException {
    buffer.clear();
    buffer.put(line.getBytes(StandardCharsets.US_ASCII)).put((byte) '\n');
    descriptor.write(buffer, buffer.position());
  }
}
