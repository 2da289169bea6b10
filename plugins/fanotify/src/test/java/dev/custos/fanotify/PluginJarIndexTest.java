package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.PermissionKind;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PluginJarIndexTest {
  @Test
  void theHostFindsTheProviderByItsIndex() throws Exception {
    List<String> lines = new ArrayList<>();
    // The one of the tests, which has none, comes first.
    for (URL index :
        Collections.list(
            FanotifyProvider.class.getClassLoader().getResources("META-INF/extensions.idx"))) {
      try (InputStream in = index.openStream()) {
        lines.addAll(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
      }
    }
    assertThat(lines).contains(FanotifyProvider.class.getName());
    assertThat(new FanotifyProvider().name()).isEqualTo("fanotify");
    assertThat(new FanotifyProvider().kinds()).containsExactlyInAnyOrder(PermissionKind.values());
  }
}
