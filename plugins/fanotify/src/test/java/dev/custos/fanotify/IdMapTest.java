package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class IdMapTest {
  @Test
  void usersAreNumberedAsInsideTheNamespace() {
    IdMap map = IdMap.parse(List.of("         0     100000      65536", " 70000 5 1"));
    assertThat(map.inside(100_000)).isZero();
    assertThat(map.inside(100_033)).isEqualTo(33);
    assertThat(map.inside(165_535)).isEqualTo(65_535);
    assertThat(map.inside(5)).isEqualTo(70_000);
  }

  @Test
  void whoIsNotInTheNamespaceHasNoNumber() {
    IdMap map = IdMap.parse(List.of("0 100000 65536"));
    assertThat(map.inside(0)).isEqualTo(-1);
    assertThat(map.inside(165_536)).isEqualTo(-1);
    assertThat(map.inside(-1)).isEqualTo(-1);
    assertThat(IdMap.NONE.inside(0)).isEqualTo(-1);
  }

  @Test
  void theHighestNumberIsOneToo() {
    assertThat(IdMap.SAME.inside(0xfffffffeL)).isEqualTo(0xfffffffeL);
  }
}
