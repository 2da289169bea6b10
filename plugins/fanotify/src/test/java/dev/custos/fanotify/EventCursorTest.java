package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.custos.spi.event.PermissionKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventCursorTest {
  private final ByteBuffer buffer = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
  private final EventCursor cursor = new EventCursor(buffer);

  @Test
  void eachEventOfAReadIsFound() {
    int end = event(0, 24, 24, 3, Fanotify.OPEN_PERM, 7, 100);
    end = event(end, 24, 24, 3, Fanotify.ACCESS_PERM, 8, 0);
    end = event(end, 24, 24, 3, Fanotify.OPEN_EXEC_PERM, 9, 102);
    cursor.start(end);

    assertThat(cursor.next()).isTrue();
    assertThat(cursor.kind()).isEqualTo(PermissionKind.OPEN_PERM);
    assertThat(cursor.fd()).isEqualTo(7);
    assertThat(cursor.pid()).isEqualTo(100);
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.kind()).isEqualTo(PermissionKind.ACCESS_PERM);
    assertThat(cursor.pid()).isZero();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.kind()).isEqualTo(PermissionKind.OPEN_EXEC_PERM);
    assertThat(cursor.next()).isFalse();
    assertThat(cursor.isMalformed()).isFalse();
  }

  @Test
  void whatALaterKernelAddsIsSteppedOver() {
    int end = event(0, 40, 32, 3, Fanotify.OPEN_PERM, 7, 1);
    end = event(end, 24, 24, 3, Fanotify.OPEN_PERM, 8, 2);
    cursor.start(end);

    assertThat(cursor.next()).isTrue();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.fd()).isEqualTo(8);
    assertThat(cursor.next()).isFalse();
  }

  @Test
  void anOverflowHasNoDescriptorAndAsksNothing() {
    cursor.start(event(0, 24, 24, 3, Fanotify.Q_OVERFLOW, -1, 0));

    assertThat(cursor.next()).isTrue();
    assertThat(cursor.isOverflow()).isTrue();
    assertThat(cursor.fd()).isEqualTo(EventCursor.NO_FD);
    assertThat(cursor.kind()).isNull();
  }

  @Test
  void anotherVersionIsNotTakenForThisOne() {
    cursor.start(event(0, 24, 24, 4, Fanotify.OPEN_PERM, 7, 1));
    assertThat(cursor.next()).isFalse();
    assertThat(cursor.isMalformed()).isTrue();
  }

  @Test
  void aLengthBeyondTheReadIsMalformed() {
    event(0, 48, 24, 3, Fanotify.OPEN_PERM, 7, 1);
    cursor.start(24);
    assertThat(cursor.next()).isFalse();
    assertThat(cursor.isMalformed()).isTrue();
  }

  @Test
  void anEventOfNoLengthEndsTheWalk() {
    cursor.start(event(0, 0, 24, 3, Fanotify.OPEN_PERM, 7, 1) + 24);
    assertThat(cursor.next()).isFalse();
    assertThat(cursor.isMalformed()).isTrue();
  }

  @Test
  void aReadOfNothingHasNoEvents() {
    cursor.start(0);
    assertThat(cursor.next()).isFalse();
    assertThat(cursor.isMalformed()).isFalse();
  }

  @Test
  void anyBytesAtAllEndTheWalkWithoutAnException() {
    Random random = new Random(4711);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[256];
      random.nextBytes(bytes);
      bytes[0] = (byte) random.nextInt(64);
      bytes[1] = 0;
      bytes[2] = 0;
      bytes[3] = 0;
      bytes[4] = 3;
      buffer.put(0, bytes);
      cursor.start(random.nextInt(257));
      assertThatCode(this::walk).doesNotThrowAnyException();
    }
  }

  private void walk() {
    int steps = 0;
    while (cursor.next()) {
      cursor.kind();
      cursor.fd();
      cursor.pid();
      steps++;
    }
    assertThat(steps).isLessThanOrEqualTo(256 / 24);
  }

  private int event(int at, int length, int metadata, int version, long mask, int fd, int pid) {
    buffer.putInt(at, length).put(at + 4, (byte) version).put(at + 5, (byte) 0);
    buffer.putShort(at + 6, (short) metadata).putLong(at + 8, mask);
    buffer.putInt(at + 16, fd).putInt(at + 20, pid);
    return at + length;
  }
}
