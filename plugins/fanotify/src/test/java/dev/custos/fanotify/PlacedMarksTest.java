package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlacedMarksTest {
  private static final PlacedMarks MARKS =
      PlacedMarks.of(
          List.of(
              "pos:\t0",
              "flags:\t02004002",
              "fanotify flags:37 event-flags:88000",
              "fanotify ino:2f4 sdev:800001 mflags:0 mask:10000 ignored_mask:0"
                  + " fhandle-bytes:8 fhandle-type:1 f_handle:f4020000abcdef01",
              "fanotify ino:4f sdev:800001 mflags:0 mask:10000 ignored_mask:0"));

  @Test
  void onlyMarksAreCounted() {
    assertThat(MARKS.count()).isEqualTo(2);
  }

  @Test
  void aMarkIsFoundByItsHandleAndNotByANumberUsedAgain() {
    byte[] handle = {1, 0, 0, 0, (byte) 0xf4, 2, 0, 0, (byte) 0xab, (byte) 0xcd, (byte) 0xef, 1};
    assertThat(MARKS.has(new ObjectId(0, 0x2f4, handle))).isTrue();
    byte[] younger = handle.clone();
    younger[11] = 2;
    assertThat(MARKS.has(new ObjectId(0, 0x2f4, younger))).isFalse();
  }

  @Test
  void withoutAHandleTheNumberHasToDo() {
    assertThat(MARKS.has(new ObjectId(0, 0x4f, new byte[0]))).isTrue();
    assertThat(MARKS.has(new ObjectId(0, 0x4, new byte[0]))).isFalse();
  }
}
