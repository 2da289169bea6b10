package dev.custos.inotify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameArenaTest {
  private final NameArena names = new NameArena();

  @ParameterizedTest
  @ValueSource(ints = {1, 127, 128, 255, 256, 765, 1530, 4095})
  void aNameComesBackByteForByte(int length) {
    byte[] name = new byte[length];
    Arrays.fill(name, (byte) 0xff);
    name[length - 1] = 'z';

    int reference = names.add(name, 0, length);

    assertThat(names.length(reference)).isEqualTo(length);
    assertThat(copy(reference)).isEqualTo(name);
    assertThat(names.equals(reference, name, 0, length)).isTrue();
    assertThat(names.hash(reference)).isEqualTo(NameArena.hash(name, 0, length));
  }

  @Test
  void namesAreKeptApartAcrossManyChunks() {
    List<Integer> references = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      byte[] name = bytes(nameOf(i));
      references.add(names.add(name, 0, name.length));
    }

    for (int i = 0; i < references.size(); i++) {
      assertThat(new String(copy(references.get(i)), StandardCharsets.UTF_8)).isEqualTo(nameOf(i));
    }
    assertThat(references).doesNotHaveDuplicates();
  }

  private static String nameOf(int i) {
    return i + "-" + "x".repeat(i % 250);
  }

  @Test
  void aPartOfAnArrayIsAName() {
    int reference = names.add(bytes("abcdef"), 2, 3);

    assertThat(copy(reference)).isEqualTo(bytes("cde"));
    assertThat(names.equals(reference, bytes("xxcde"), 2, 3)).isTrue();
    assertThat(names.equals(reference, bytes("xxcde"), 1, 3)).isFalse();
    assertThat(names.equals(reference, bytes("cdef"), 0, 4)).isFalse();
    assertThat(names.equals(reference, bytes("cd"), 0, 2)).isFalse();
  }

  @Test
  void itIsMostlyDeadOnlyWhenMuchWasDiscardedAndMoreThanIsLeft() {
    byte[] name = bytes("n".repeat(100));
    List<Integer> references = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      references.add(names.add(name, 0, name.length));
    }
    assertThat(names.isMostlyDead()).isFalse();

    references.subList(0, 4_900).forEach(names::discard);
    assertThat(names.isMostlyDead()).isFalse();

    references.subList(4_900, 5_200).forEach(names::discard);
    assertThat(names.isMostlyDead()).isTrue();
  }

  @Test
  void fewNamesAreNotWorthCompacting() {
    byte[] name = bytes("n");
    for (int i = 0; i < 1_000; i++) {
      names.discard(names.add(name, 0, 1));
    }

    assertThat(names.isMostlyDead()).isFalse();
  }

  private byte[] copy(int reference) {
    byte[] name = new byte[names.length(reference) + 2];
    names.copyTo(reference, name, 1);
    return Arrays.copyOfRange(name, 1, name.length - 1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
