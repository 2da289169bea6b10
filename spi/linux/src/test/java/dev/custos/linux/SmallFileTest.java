package dev.custos.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallFileTest {
  private final SmallFile files = new SmallFile();
  @TempDir Path directory;

  @Test
  void filesOfAnySizeAreReadWholeOneAfterTheOther() throws Exception {
    for (int size : new int[] {0, 1, 4095, 4096, 4097, 40_000, SmallFile.MOST, 3}) {
      String text = "\u00e9".repeat(size);
      Path file = directory.resolve("of-" + size);
      Files.writeString(file, text, StandardCharsets.ISO_8859_1);
      assertThat(files.read(file.toString())).isEqualTo(text);
    }
  }

  @Test
  void whatIsBeyondTheMostIsLeftOut() throws Exception {
    Path file = Files.writeString(directory.resolve("large"), "x".repeat(SmallFile.MOST + 1));
    assertThat(files.read(file.toString())).hasSize(SmallFile.MOST);
  }

  @Test
  void filesOfTheKernelAreRead() throws Exception {
    assertThat(files.read("/proc/self/stat"))
        .startsWith(ProcessHandle.current().pid() + " (")
        .endsWith("\n");
    assertThat(files.read("/proc/self/limits"))
        .isEqualTo(Files.readString(Path.of("/proc/self/limits"), StandardCharsets.ISO_8859_1));
  }

  @Test
  void aFileThatCannotBeReadIsNamed() {
    assertThatThrownBy(() -> files.read(directory + "/none"))
        .isInstanceOf(NativeException.class)
        .hasMessageContaining(directory + "/none")
        .hasMessageContaining("ENOENT");
    assertThatThrownBy(() -> files.read(directory.toString()))
        .isInstanceOf(NativeException.class)
        .hasMessageContaining("EISDIR");
  }
}
