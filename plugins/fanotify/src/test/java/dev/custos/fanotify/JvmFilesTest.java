package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.linux.FileDescriptor;
import dev.custos.linux.PathOpener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JvmFilesTest {
  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-Xlog:gc*:file=DIR/gc.log:time:filecount=3",
        "-Xlog:gc:DIR/gc.log",
        "-Xlog:gc:file=\"DIR/gc.log\"",
        "-Xloggc:DIR/gc.log",
        "-XX:HeapDumpPath=DIR/dump.hprof",
        "-XX:ErrorFile=DIR/hs_err_%p.log",
        "-XX:StartFlightRecording:disk=true,filename=DIR/x.jfr",
        "-XX:+HeapDumpOnOutOfMemoryError"
      })
  void theDirectoryOfAFileThatTheJvmWritesIsRefused(String option) throws Exception {
    JvmFiles files = JvmFiles.of(List.of(option.replace("DIR", dir.toString())), dir);
    try (FileDescriptor its = PathOpener.openRoot(dir.toString());
        FileDescriptor above = PathOpener.openRoot(dir.getParent().toString())) {
      assertThat(files.refusal(its.number(), false)).contains("virtual machine");
      assertThat(files.refusal(above.number(), false)).isEmpty();
      assertThat(files.refusal(above.number(), true)).contains("virtual machine");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Xlog:disable", "-Xlog:all=warning:stderr", "-Xlog:cds*=off:stderr"})
  void whatIsWrittenToNoFileRefusesNothing(String option) throws Exception {
    JvmFiles files = JvmFiles.of(List.of(option), dir);
    try (FileDescriptor its = PathOpener.openRoot(dir.toString())) {
      assertThat(files.refusal(its.number(), true)).isEmpty();
    }
  }

  @Test
  void otherDirectoriesMayBeGuarded() throws Exception {
    Path other = Files.createDirectory(dir.resolve("other"));
    JvmFiles files = JvmFiles.of(List.of("-Xloggc:" + dir + "/logs/gc.log"), dir);
    try (FileDescriptor its = PathOpener.openRoot(other.toString())) {
      assertThat(files.refusal(its.number(), true)).isEmpty();
    }
  }
}
