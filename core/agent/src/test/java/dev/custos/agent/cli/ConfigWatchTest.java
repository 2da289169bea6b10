package dev.custos.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigWatchTest {
  @TempDir Path dir;

  private final BlockingQueue<String> read = new LinkedBlockingQueue<>();
  private ConfigWatch watch;

  private ConfigWatch watch(Path file, ConfigWatch.Look first) {
    watch =
        new ConfigWatch(
            file,
            first,
            () -> {
              try {
                read.add(Files.readString(file));
              } catch (IOException e) {
                read.add(e.toString());
              }
            });
    watch.start();
    return watch;
  }

  @AfterEach
  void stop() throws InterruptedException {
    watch.stop();
  }

  private String awaitReading() throws InterruptedException {
    return read.poll(30, TimeUnit.SECONDS);
  }

  @Test
  void aFileThatWasWrittenIsReadAgain() throws Exception {
    Path file = Files.writeString(dir.resolve("custos.conf"), "one");
    watch(file, ConfigWatch.Look.at(file));
    Files.writeString(file, "two, longer");
    assertThat(awaitReading()).isEqualTo("two, longer");
  }

  @Test
  void aFileThatWasExchangedByAnEditorIsReadAgain() throws Exception {
    Path file = Files.writeString(dir.resolve("custos.conf"), "one");
    watch(file, ConfigWatch.Look.at(file));
    Files.delete(file);
    Path other = Files.writeString(dir.resolve("other"), "two");
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
    assertThat(awaitReading()).isEqualTo("two");
  }

  /** How a kubelet brings a new ConfigMap: the link ..data comes to lead elsewhere, at once. */
  @Test
  void aConfigMapThatWasExchangedIsReadAgain() throws Exception {
    for (String version : new String[] {"..1", "..2"}) {
      Files.createDirectory(dir.resolve(version));
      Files.writeString(dir.resolve(version + "/custos.conf"), version);
    }
    Files.createSymbolicLink(dir.resolve("..data"), Path.of("..1"));
    Path file = Files.createSymbolicLink(dir.resolve("custos.conf"), Path.of("..data/custos.conf"));
    watch(file, ConfigWatch.Look.at(file));
    Files.createSymbolicLink(dir.resolve("..data_tmp"), Path.of("..2"));
    Files.move(dir.resolve("..data_tmp"), dir.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    assertThat(awaitReading()).isEqualTo("..2");
  }

  @Test
  void whatChangedBetweenTheFirstReadingAndTheStartCounts() throws Exception {
    Path file = Files.writeString(dir.resolve("custos.conf"), "one");
    ConfigWatch.Look first = ConfigWatch.Look.at(file);
    Files.writeString(file, "two, longer");
    watch(file, first);
    assertThat(awaitReading()).isEqualTo("two, longer");
  }

  @Test
  void whoAsksGetsAReadingThoughNothingChanged() throws Exception {
    Path file = Files.writeString(dir.resolve("custos.conf"), "one");
    watch(file, ConfigWatch.Look.at(file)).ask();
    assertThat(awaitReading()).isEqualTo("one");
  }
}
