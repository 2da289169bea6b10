package dev.custos.spi.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SubjectTest {
  @Test
  void tagsAreInTheOrderOfTheirKeysAndNobodyChangesThem() {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put("z", "1");
    tags.put("a", "2");
    Subject subject = new Subject("ArgusWatcher", "default", "web", 0, tags);
    tags.put("m", "3");

    assertThat(subject.tags()).containsExactly(Map.entry("a", "2"), Map.entry("z", "1"));
    assertThatThrownBy(() -> subject.tags().put("b", "4"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void subjectsAreComparedByEverythingThatMakesThem() {
    Subject subject = new Subject("ArgusWatcher", "default", "web", 0, Map.of("a", "b"));

    assertThat(new Subject("ArgusWatcher", "default", "web", 0, Map.of("a", "b")))
        .isEqualTo(subject)
        .hasSameHashCodeAs(subject);
    assertThat(subject)
        .isNotEqualTo(new Subject("FimWatcher", "default", "web", 0, Map.of("a", "b")))
        .isNotEqualTo(new Subject("ArgusWatcher", "other", "web", 0, Map.of("a", "b")))
        .isNotEqualTo(new Subject("ArgusWatcher", "default", "db", 0, Map.of("a", "b")))
        .isNotEqualTo(new Subject("ArgusWatcher", "default", "web", 1, Map.of("a", "b")))
        .isNotEqualTo(new Subject("ArgusWatcher", "default", "web", 0, Map.of()))
        .isNotEqualTo(null);
  }

  @Test
  void itNamesThePlaceInTheResourceAndIsSafeToLog() {
    assertThat(new Subject("ArgusWatcher", "default", "web", 1, Map.of()))
        .hasToString("ArgusWatcher default/web: spec.subjects[1]");
    assertThat(new Subject("ArgusWatcher", "", "we\nb", 0, Map.of()))
        .hasToString("ArgusWatcher we\\nb: spec.subjects[0]");
    assertThat(Subject.ofAgent()).isEqualTo(Subject.ofAgent());
  }
}
