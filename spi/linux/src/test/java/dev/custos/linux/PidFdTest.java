package dev.custos.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PidFdTest {
  @Test
  void aProcessIsAliveUntilItExits() throws Exception {
    Process child = new ProcessBuilder("cat").start();
    try (FileDescriptor pidFd = PidFd.open((int) child.pid());
        Poller poller = new Poller()) {
      assertThat(PidFd.isAlive(pidFd)).isTrue();

      child.getOutputStream().close();

      poller.add(pidFd.number(), Poller.READABLE);
      poller.await(10_000);
      assertThat(poller.isReady(0)).isTrue();
      assertThat(PidFd.isAlive(pidFd)).isFalse();
    } finally {
      child.destroyForcibly();
      assertThat(child.waitFor(5, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aProcessThatIsGoneIsNamedInTheError() throws Exception {
    Process child = new ProcessBuilder("true").start();
    assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
    int pid = (int) child.pid();

    assertThatThrownBy(() -> PidFd.open(pid))
        .isInstanceOf(NativeException.class)
        .hasMessage("pidfd_open(\"" + pid + "\"): ESRCH");
  }
}
