package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.linux.FileDescriptor;
import dev.custos.linux.FileStatus;
import dev.custos.linux.PathOpener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntToLongFunction;
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
        "-XX:+HeapDumpOnOutOfMemoryError",
        "-XX:+HeapDumpBeforeFullGC"
      })
  void theDirectoryOfAFileThatTheJvmWritesIsRefused(String option) throws Exception {
    Path logs = Files.createDirectories(dir.resolve("var/logs"));
    JvmFiles files = JvmFiles.of(List.of(option.replace("DIR", logs.toString())), logs);
    try (FileDescriptor its = PathOpener.openRoot(logs.toString());
        FileDescriptor above = PathOpener.openRoot(logs.getParent().toString())) {
      assertThat(files.places().refusal(its.number(), false)).contains("virtual machine");
      assertThat(files.places().refusal(above.number(), false)).isEmpty();
      assertThat(files.places().refusal(above.number(), true)).contains("virtual machine");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"@DIR/options", "-XX:VMOptionsFile=DIR/options"})
  void anOptionInAFileOfOptionsCounts(String option) throws Exception {
    Files.writeString(dir.resolve("options"), "-Xint\n-Xloggc:" + dir + "/logs/gc.log\n");
    Path logs = Files.createDirectory(dir.resolve("logs"));
    JvmFiles files = JvmFiles.of(List.of(option.replace("DIR", dir.toString())), dir);
    try (FileDescriptor its = PathOpener.openRoot(logs.toString())) {
      assertThat(files.places().refusal(its.number(), false)).contains("virtual machine");
    }
  }

  @Test
  void theDirectoryThatASymbolicLinkLeadsToIsRefused() throws Exception {
    Path logs = Files.createDirectories(dir.resolve("real/logs"));
    Files.createSymbolicLink(dir.resolve("link"), logs);
    JvmFiles files = JvmFiles.of(List.of("-Xloggc:" + dir + "/link/gc.log"), dir);
    try (FileDescriptor its = PathOpener.openRoot(logs.toString());
        FileDescriptor above = PathOpener.openRoot(logs.getParent().toString())) {
      assertThat(files.places().refusal(its.number(), false)).contains("virtual machine");
      assertThat(files.places().refusal(above.number(), true)).contains("virtual machine");
    }
  }

  @Test
  void theWholeFileSystemOfSuchAFileIsRefusedAndNoOther() throws Exception {
    JvmFiles files = JvmFiles.of(List.of("-Xloggc:" + dir + "/not/there/yet/gc.log"), dir);
    SuperBlock blocks = new SuperBlock();
    FileStatus status = new FileStatus();
    IntToLongFunction block = fd -> blocks.of(fd, status.ofKnown(fd) == 0 ? status.device() : 0);
    try (FileDescriptor its = PathOpener.openRoot(dir.toString());
        FileDescriptor other = PathOpener.openRoot("/proc")) {
      assertThat(files.refusalOfWhole(its.number(), block)).contains("virtual machine");
      assertThat(files.refusalOfWhole(other.number(), block)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Xlog:disable", "-Xlog:all=warning:stderr", "-Xlog:cds*=off:stderr"})
  void whatIsWrittenToNoFileRefusesNothing(String option) throws Exception {
    JvmFiles files = JvmFiles.of(List.of(option), dir);
    try (FileDescriptor its = PathOpener.openRoot(dir.toString())) {
      assertThat(files.places().refusal(its.number(), true)).isEmpty();
    }
  }

  @Test
  void otherDirectoriesMayBeGuarded() throws Exception {
    Path other = Files.createDirectory(dir.resolve("other"));
    JvmFiles files = JvmFiles.of(List.of("-Xloggc:" + dir + "/logs/gc.log"), dir);
    try (FileDescriptor its = PathOpener.openRoot(other.toString())) {
      assertThat(files.places().refusal(its.number(), true)).isEmpty();
    }
  }
}
