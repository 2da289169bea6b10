package dev.custos.inotify;

import static dev.custos.inotify.PlaceTable.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PlaceTableTest {
  private final PlaceTable table = new PlaceTable();

  /** What the table must agree with, in plain objects. */
  private static final class Node {
    final int place;
    final int subscription;
    Node parent;
    String name = "";
    int wd = -1;
    final List<Node> children = new ArrayList<>();

    Node(int place, int subscription) {
      this.place = place;
      this.subscription = subscription;
    }

    boolean isIn(Node other) {
      for (Node n = this; n != null; n = n.parent) {
        if (n == other) {
          return true;
        }
      }
      return false;
    }

    String path() {
      return parent == null ? "" : parent.path() + "/" + name;
    }
  }

  private final List<Node> nodes = new ArrayList<>();
  private int nextName;

  @ParameterizedTest
  @ValueSource(ints = {200, 3_000})
  void thousandsOfRandomOperationsLeaveItAgreeingWithAModel(int most) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try {
      for (int i = 0; i < 60_000; i++) {
        step(random, most);
        if (i % 5_000 == 0) {
          checkAll();
        } else if (!nodes.isEmpty()) {
          check(any(random));
        }
      }
      checkAll();
      while (!nodes.isEmpty()) {
        remove(any(random));
      }
      assertThat(table.watchDescriptors()).isEqualTo(new BitSet());
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  private void step(Random random, int most) {
    int what = random.nextInt(10);
    if (nodes.size() < most / 2 || (what < 4 && nodes.size() < most)) {
      create(random);
    } else if (what < 6) {
      remove(any(random));
    } else if (what < 9) {
      move(random);
    } else {
      rebind(random);
    }
  }

  private Node any(Random random) {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private void create(Random random) {
    int subscription = random.nextInt(5);
    Node node = new Node(table.create(subscription, 0), subscription);
    nodes.add(node);
    if (nodes.size() > 1 && random.nextInt(20) > 0) {
      link(node, nodes.get(random.nextInt(nodes.size() - 1)));
    }
    bind(node, random);
  }

  private void link(Node node, Node parent) {
    // Long ones, so that dead names pile up and are compacted away.
    node.name = nextName++ + "n".repeat(nextName % 200);
    node.parent = parent;
    parent.children.add(node);
    byte[] name = bytes("/" + node.name);
    table.link(node.place, parent.place, name, 1, name.length - 1);
  }

  private void bind(Node node, Random random) {
    // Now and then two places share an inode.
    node.wd = random.nextInt(8) == 0 ? random.nextInt(100) : random.nextInt(1_000_000);
    table.bind(node.place, node.wd);
  }

  private void remove(Node node) {
    for (Node child : List.copyOf(node.children)) {
      remove(child);
    }
    unlink(node);
    table.unbind(node.place);
    table.free(node.place);
    nodes.remove(node);
    assertThat(table.isLive(node.place)).isFalse();
  }

  private void unlink(Node node) {
    table.unlink(node.place);
    if (node.parent != null) {
      node.parent.children.remove(node);
      node.parent = null;
    }
  }

  private void move(Random random) {
    Node node = any(random);
    Node parent = any(random);
    unlink(node);
    if (!parent.isIn(node)) {
      link(node, parent);
    }
  }

  private void rebind(Random random) {
    Node node = any(random);
    table.unbind(node.place);
    assertThat(table.isBound(node.place)).isFalse();
    bind(node, random);
  }

  private void checkAll() {
    BitSet wds = new BitSet();
    nodes.forEach(this::check);
    nodes.forEach(node -> wds.set(node.wd));
    assertThat(table.watchDescriptors()).isEqualTo(wds);
  }

  private void check(Node node) {
    int place = node.place;
    assertThat(table.isLive(place)).isTrue();
    assertThat(table.subscription(place)).isEqualTo(node.subscription);
    assertThat(table.wd(place)).isEqualTo(node.wd);
    assertThat(placesOf(node.wd)).isEqualTo(placesOfModel(node.wd));
    assertThat(childrenOf(place)).isEqualTo(placesIn(node.children));
    if (node.parent == null) {
      assertThat(table.parent(place)).isEqualTo(NONE);
      assertThat(table.top(place)).isEqualTo(place);
      return;
    }
    byte[] name = bytes(node.name);
    assertThat(table.parent(place)).isEqualTo(node.parent.place);
    assertThat(table.child(node.parent.place, name, 0, name.length)).isEqualTo(place);
    assertThat(table.nameEquals(place, name, 0, name.length)).isTrue();
    String path = node.path();
    assertThat(new String(table.path(place, bytes("/")), StandardCharsets.UTF_8)).isEqualTo(path);
    assertThat(new String(table.path(place, bytes("/data")), StandardCharsets.UTF_8))
        .isEqualTo("/data" + path);
    assertThat(table.depth(place)).isEqualTo(path.chars().filter(c -> c == '/').count());
  }

  private Set<Integer> placesOf(int wd) {
    Set<Integer> places = new TreeSet<>();
    for (int p = table.firstOf(wd); p != NONE; p = table.nextOf(p)) {
      assertThat(places.add(p)).as("each once").isTrue();
    }
    return places;
  }

  private Set<Integer> placesOfModel(int wd) {
    return placesIn(nodes.stream().filter(node -> node.wd == wd).toList());
  }

  private Set<Integer> childrenOf(int place) {
    Set<Integer> places = new TreeSet<>();
    for (int c = table.firstChild(place); c != NONE; c = table.nextSibling(c)) {
      assertThat(places.add(c)).as("each once").isTrue();
    }
    return places;
  }

  private static Set<Integer> placesIn(List<Node> nodes) {
    Set<Integer> places = new TreeSet<>();
    nodes.forEach(node -> places.add(node.place));
    return places;
  }

  @Test
  void aHundredThousandPlacesAreAllFoundAgain() {
    int root = table.create(0, PlaceTable.ROOT);
    table.bind(root, 1);
    int parent = root;
    for (int i = 2; i <= 100_000; i++) {
      int place = table.create(0, 0);
      byte[] name = bytes("d" + i);
      table.link(place, parent, name, 0, name.length);
      table.bind(place, i);
      if (i % 1000 == 0) {
        parent = place;
      }
    }

    parent = root;
    for (int i = 2; i <= 100_000; i++) {
      byte[] name = bytes("d" + i);
      int place = table.child(parent, name, 0, name.length);
      assertThat(place).isNotEqualTo(NONE).isEqualTo(table.firstOf(i));
      if (i % 1000 == 0) {
        parent = place;
      }
    }
    assertThat(table.depth(parent)).isEqualTo(100);
    assertThat(table.top(parent)).isEqualTo(root);
  }

  @Test
  void aFreedNumberIsGivenOutAgainWithoutAnythingOfItsPast() {
    int root = table.create(0, PlaceTable.ROOT);
    int old = table.create(3, PlaceTable.SEEN | PlaceTable.QUEUED);
    byte[] name = bytes("old");
    table.link(old, root, name, 0, name.length);
    table.bind(old, 7);
    table.unlink(old);
    table.unbind(old);
    table.free(old);

    int reused = table.create(1, 0);

    assertThat(reused).isEqualTo(old);
    assertThat(table.has(reused, PlaceTable.SEEN | PlaceTable.QUEUED)).isFalse();
    assertThat(table.isBound(reused)).isFalse();
    assertThat(table.parent(reused)).isEqualTo(NONE);
    assertThat(table.nameLength(reused)).isZero();
    assertThat(table.firstOf(7)).isEqualTo(NONE);
    assertThat(table.child(root, name, 0, name.length)).isEqualTo(NONE);
  }

  @Test
  void placeZeroIsNone() {
    assertThat(table.create(0, 0)).isNotEqualTo(NONE);
    assertThat(table.isLive(NONE)).isFalse();
  }

  @Test
  void aNameLongerThanLinuxFileSystemsHaveThemIsKeptWhole() {
    int root = table.create(0, PlaceTable.ROOT);
    byte[] name = bytes("語".repeat(255));
    // Enough dead names that they are compacted while this one is in use.
    int place = table.create(0, 0);
    table.link(place, root, name, 0, name.length);
    for (int i = 0; i < 2_000; i++) {
      int other = table.create(0, 0);
      byte[] otherName = bytes(i + "x".repeat(240));
      table.link(other, root, otherName, 0, otherName.length);
      table.unlink(other);
      table.free(other);
    }

    assertThat(table.child(root, name, 0, name.length)).isEqualTo(place);
    assertThat(table.path(place, bytes("/"))).isEqualTo(bytes("/" + "語".repeat(255)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
