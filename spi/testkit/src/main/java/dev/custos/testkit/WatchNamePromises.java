package dev.custos.testkit;

import static dev.custos.testkit.WatchBench.DEADLINE;
import static dev.custos.testkit.WatchBench.shWord;
import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.PathState.State;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Subject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a watch backend promises about names: they are bytes, and every one comes through. */
public interface WatchNamePromises extends WatchPromises {
  /** Names that programs trip over, as bytes. */
  static Stream<Named<byte[]>> hostileNames() {
    byte[] longest = new byte[255];
    Arrays.fill(longest, (byte) 'x');
    return Stream.of(
        Named.of("a newline", "new\nline".getBytes(StandardCharsets.UTF_8)),
        Named.of("an escape sequence", "\u001b[31mred\u001b[0m".getBytes(StandardCharsets.UTF_8)),
        Named.of("a reversed name", "\u202egnp.exe".getBytes(StandardCharsets.UTF_8)),
        Named.of("invalid UTF-8", new byte[] {'b', (byte) 0xff, (byte) 0xfe, (byte) 0xc3, '('}),
        Named.of("255 bytes", longest),
        Named.of("quotes and a backslash", "it's \"a\\b\" $HOME".getBytes(StandardCharsets.UTF_8)),
        Named.of("blanks around", " - ".getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @MethodSource("dev.custos.testkit.WatchNamePromises#hostileNames")
  default void aFilesNameComesThroughByteForByte(byte[] name) {
    Subject web = subject("web");
    bench().mkdir("/data");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).build());

    bench().sh(": > data/" + shWord(name));
    IntegrityEvent event = bench().events().awaitEvent(e -> e.subject().equals(web), DEADLINE);

    assertThat(event.path()).isEqualTo(FilePath.of("/data"));
    assertThat(event.file()).isEqualTo(FilePath.ofBytes(name));
  }

  @ParameterizedTest
  @MethodSource("dev.custos.testkit.WatchNamePromises#hostileNames")
  default void aDirectorysNameComesThroughByteForByte(byte[] name) {
    Subject web = subject("web");
    FilePath data = FilePath.of("/data");
    bench().mkdir("/data");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());

    bench().sh("mkdir data/" + shWord(name));
    IntegrityEvent made = bench().events().awaitEvent(e -> e.subject().equals(web), DEADLINE);
    bench().settle();
    bench().sh(": > data/" + shWord(name) + "/inside");
    IntegrityEvent inside =
        bench().events().awaitEvent(e -> e.file().equals(FilePath.of("inside")), DEADLINE);

    assertThat(made.file()).isEqualTo(FilePath.ofBytes(name));
    assertThat(inside.path()).isEqualTo(data.resolve(FilePath.ofBytes(name)));
  }

  @ParameterizedTest
  @MethodSource("dev.custos.testkit.WatchNamePromises#hostileNames")
  default void aPathOfAPlanMayHoldAnyBytes(byte[] name) {
    Subject web = subject("web");
    FilePath path = FilePath.of("/data").resolve(FilePath.ofBytes(name));
    bench().sh("mkdir -p data/" + shWord(name));

    ApplyReport report = bench().apply(watch(web, path).kinds(ChangeKind.CREATE).build());
    bench().sh(": > data/" + shWord(name) + "/inside");
    IntegrityEvent event = bench().events().awaitEvent(e -> e.subject().equals(web), DEADLINE);

    assertThat(report.paths().get(0).path()).isEqualTo(path);
    assertThat(report.paths().get(0).state()).isEqualTo(State.ACTIVE);
    assertThat(event.path()).isEqualTo(path);
  }
}
