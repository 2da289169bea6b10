package dev.custos.spi.event;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Who asked: one entry of {@code spec.subjects} of one resource. Every event names the subject
 * whose wish it answers. Compared by value; the hash is computed once, because each event is looked
 * up by it.
 */
public final class Subject {
  private final String kind;
  private final String namespace;
  private final String name;
  private final int index;
  private final Map<String, String> tags;
  private final int hash;

  /**
   * @param kind the resource's kind, {@code ArgusWatcher} for one
   * @param namespace the resource's namespace; empty on a host
   * @param name the resource's name
   * @param index the place in {@code spec.subjects}, from 0
   * @param tags what the owner wants to see on every event; printed in the order of their keys
   */
  public Subject(String kind, String namespace, String name, int index, Map<String, String> tags) {
    this.kind = Objects.requireNonNull(kind, "kind");
    this.namespace = Objects.requireNonNull(namespace, "namespace");
    this.name = Objects.requireNonNull(name, "name");
    this.index = index;
    this.tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    this.hash = Objects.hash(kind, namespace, name, index, this.tags);
  }

  /** The subject of what the agent has to say about itself, such as a full sink queue. */
  public static Subject ofAgent() {
    return new Subject("Agent", "", "custos", 0, Map.of());
  }

  public String kind() {
    return kind;
  }

  public String namespace() {
    return namespace;
  }

  public String name() {
    return name;
  }

  public int index() {
    return index;
  }

  public Map<String, String> tags() {
    return tags;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Subject s
            && hash == s.hash
            && index == s.index
            && kind.equals(s.kind)
            && namespace.equals(s.namespace)
            && name.equals(s.name)
            && tags.equals(s.tags));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** {@code ArgusWatcher default/web: spec.subjects[1]}. */
  @Override
  public String toString() {
    String owner = namespace.isEmpty() ? name : namespace + "/" + name;
    return kind + " " + Printable.escape(owner) + ": spec.subjects[" + index + "]";
  }
}
