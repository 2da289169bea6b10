package dev.custos.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.manifest.ManifestReader;
import dev.custos.manifest.ReadResult;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import dev.custos.snapshot.SnapshotBuilder.PodOnNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Every folder under {@code golden} is a case: {@code in-pods.yaml} holds pods as Kubernetes writes
 * them, {@code in-host.yaml} stands for a host instead, every other {@code in-*} holds manifests;
 * {@code out-NODE.txt} is that node's snapshot. A new case needs no Java: make its folder with an
 * empty {@code out}, run, and read the failure. With {@code -Dcustos.golden.update=true} every
 * {@code out} is written anew into the sources, for version control to show what has become
 * different.
 */
class GoldenFoldersTest {
  @TestFactory
  Stream<DynamicTest> theSnapshotIsWhatTheFolderSays() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path folder : children(folder("golden"), "")) {
      List<Path> expected = children(folder, "out-");
      assertThat(expected).as("out-NODE.txt in %s", folder).isNotEmpty();
      for (Path out : expected) {
        String node = out.getFileName().toString().replaceAll("^out-|\\.txt$", "");
        tests.add(
            DynamicTest.dynamicTest(
                folder.getFileName() + ", node " + node,
                () -> compare(SnapshotText.of(snapshot(folder, node)), out)));
      }
    }
    return tests.stream();
  }

  private static void compare(String actual, Path expected) throws IOException {
    if (Boolean.getBoolean("custos.golden.update")) {
      Path folder = expected.getParent().getFileName();
      Path source = Path.of("src", "test", "resources", "golden").resolve(folder);
      Files.writeString(source.resolve(expected.getFileName()), actual);
      return;
    }
    assertThat(actual).isEqualTo(Files.readString(expected));
  }

  private static Path folder(String name) throws URISyntaxException {
    return Path.of(GoldenFoldersTest.class.getResource("/" + name).toURI());
  }

  private static List<Path> children(Path folder, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().startsWith(prefix)).sorted().toList();
    }
  }

  private static NodeSnapshot snapshot(Path folder, String node) throws IOException {
    Path host = folder.resolve("in-host.yaml");
    Path pods = folder.resolve("in-pods.yaml");
    List<Path> manifests = new ArrayList<>(children(folder, "in-"));
    manifests.remove(host);
    manifests.remove(pods);
    ReadResult read = ManifestReader.read(manifests);
    assertThat(read.hasErrors()).as("%s", read.faults()).isFalse();
    if (Files.exists(host)) {
      Map<String, Object> names = map(documents(host).get(0));
      return SnapshotBuilder.forHost(
          text(names, "hostName"), text(names, "node"), read.manifests());
    }
    List<PodOnNode> here =
        documents(pods).stream()
            .map(GoldenFoldersTest::map)
            .flatMap(pod -> pod.containsKey("items") ? maps(pod, "items") : Stream.of(pod))
            .filter(pod -> text(map(pod.get("spec")), "nodeName").equals(node))
            .map(GoldenFoldersTest::pod)
            .toList();
    return SnapshotBuilder.build(node, read.manifests(), here);
  }

  private static List<Object> documents(Path file) {
    List<Object> documents = new ArrayList<>();
    try {
      new Load(LoadSettings.builder().build())
          .loadAllFromString(Files.readString(file))
          .forEach(documents::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return documents;
  }

  private static PodOnNode pod(Map<String, Object> pod) {
    Map<String, Object> metadata = map(pod.get("metadata"));
    Map<String, String> labels = new TreeMap<>();
    map(metadata.getOrDefault("labels", Map.of())).forEach((k, v) -> labels.put(k, v.toString()));
    Map<String, Object> status = map(pod.get("status"));
    List<ContainerOnNode> containers =
        Stream.of("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
            .flatMap(list -> maps(status, list))
            .filter(container -> container.containsKey("containerID"))
            .map(c -> new ContainerOnNode(text(c, "name"), text(c, "containerID")))
            .toList();
    return new PodOnNode(
        text(metadata, "namespace"),
        text(metadata, "name"),
        text(metadata, "uid"),
        labels,
        containers);
  }

  private static String text(Map<String, Object> map, String key) {
    return String.valueOf(map.get(key));
  }

  @SuppressWarnings("unchecked") // a test's own files: what is no mapping fails the test
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  private static Stream<Map<String, Object>> maps(Map<String, Object> parent, String key) {
    List<?> list = (List<?>) parent.getOrDefault(key, List.of());
    return list.stream().map((Function<Object, Map<String, Object>>) GoldenFoldersTest::map);
  }
}
