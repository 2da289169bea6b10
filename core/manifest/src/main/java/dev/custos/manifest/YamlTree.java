package dev.custos.manifest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/**
 * Makes a tree of the parser's events. The engine's own composer would do, but it recurses as deep
 * as its input nests and knows no bound for what aliases multiply; here both are bounded before
 * anything walks the tree.
 */
final class YamlTree {
  static final int MAX_DEPTH = 64;
  static final int MAX_NODES = 500_000;
  private static final String STANDARD_TAG = "tag:yaml.org,2002:";
  private static final Set<String> KNOWN_TAGS =
      Set.of("str", "int", "float", "bool", "null", "map", "seq");

  /** The document is beyond a limit and is not read on. */
  static final class LimitException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int line;

    LimitException(int line, String message) {
      super(message);
      this.line = line;
    }

    int line() {
      return line;
    }
  }

  /** A node, and how many nodes it is with its aliases written out. */
  private record Sized(YamlNode node, long nodes) {}

  /** A collection whose end has not come yet. */
  private static final class Open {
    final boolean mapping;
    final int line;
    final Optional<String> anchor;
    final List<YamlNode> items = new ArrayList<>();
    final List<YamlNode.Entry> entries = new ArrayList<>();
    final Set<String> keys = new HashSet<>();
    final List<YamlNode> merged = new ArrayList<>();
    YamlNode key;
    long nodes = 1;

    Open(boolean mapping, int line, Optional<String> anchor) {
      this.mapping = mapping;
      this.line = line;
      this.anchor = anchor;
    }
  }

  private final int linesBefore;
  private final FaultLog faults;
  private final Deque<Open> open = new ArrayDeque<>();
  private final Map<String, Sized> anchors = new HashMap<>();
  private YamlNode root;

  YamlTree(int linesBefore, FaultLog faults) {
    this.linesBefore = linesBefore;
    this.faults = faults;
  }

  /** The finished document, unless it is empty; and forgets it with its anchors. */
  Optional<YamlNode> takeRoot() {
    YamlNode taken = root;
    root = null;
    anchors.clear();
    boolean nothing =
        taken instanceof YamlNode.Scalar scalar && scalar.type() == YamlNode.Scalar.Type.NOTHING;
    return nothing ? Optional.empty() : Optional.ofNullable(taken);
  }

  void accept(Event event) {
    int line = linesBefore + event.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    if (event instanceof ScalarEvent scalar) {
      boolean plain = scalar.isPlain() && !hasTag(scalar.getTag(), "str", line);
      add(new YamlNode.Scalar(line, scalar.getValue(), plain), 1, anchor(scalar));
    } else if (event instanceof AliasEvent alias) {
      alias(alias, line);
    } else if (event instanceof CollectionStartEvent start) {
      hasTag(start.getTag(), "map", line);
      if (open.size() == MAX_DEPTH) {
        throw new LimitException(line, "nested deeper than " + MAX_DEPTH + " levels");
      }
      boolean mapping = event.getEventId() == Event.ID.MappingStart;
      open.push(new Open(mapping, line, anchor(start)));
    } else if (event.getEventId() == Event.ID.MappingEnd
        || event.getEventId() == Event.ID.SequenceEnd) {
      close();
    }
  }

  private static Optional<String> anchor(NodeEvent event) {
    return event.getAnchor().map(anchor -> anchor.getValue());
  }

  private boolean hasTag(Optional<String> tag, String wanted, int line) {
    if (tag.isEmpty() || tag.get().equals("!")) {
      return tag.isPresent();
    }
    String name =
        tag.get().startsWith(STANDARD_TAG) ? tag.get().substring(STANDARD_TAG.length()) : "";
    if (!KNOWN_TAGS.contains(name)) {
      faults.error(line, "the YAML tag " + FaultLog.quoted(tag.get()) + " is not supported");
    }
    return name.equals(wanted);
  }

  private void alias(AliasEvent alias, int line) {
    Sized target = anchors.get(alias.getAlias().getValue());
    if (target == null) {
      String name = FaultLog.shortened(alias.getAlias().getValue());
      throw new LimitException(
          line, "the alias *" + name + " has no anchor &" + name + " that ends before it");
    }
    add(target.node(), target.nodes(), Optional.empty());
  }

  private void close() {
    Open closed = open.pop();
    YamlNode node;
    if (closed.mapping) {
      closed.merged.forEach(merged -> merge(closed, merged));
      node = new YamlNode.Mapping(closed.line, List.copyOf(closed.entries));
    } else {
      node = new YamlNode.Sequence(closed.line, List.copyOf(closed.items));
    }
    add(node, closed.nodes, closed.anchor);
  }

  private void add(YamlNode node, long nodes, Optional<String> anchor) {
    anchor.ifPresent(name -> anchors.put(name, new Sized(node, nodes)));
    Open parent = open.peek();
    if (parent == null) {
      root = node;
      return;
    }
    parent.nodes += nodes;
    if (parent.nodes > MAX_NODES) {
      throw new LimitException(
          node.line(), "more than " + MAX_NODES + " values, with aliases written out");
    }
    if (!parent.mapping) {
      parent.items.add(node);
    } else if (parent.key == null) {
      parent.key = node;
    } else {
      addEntry(parent, parent.key, node);
      parent.key = null;
    }
  }

  private void addEntry(Open parent, YamlNode key, YamlNode value) {
    if (!(key instanceof YamlNode.Scalar scalar)) {
      faults.error(key.line(), "a key must be text, but here it is " + key.describe());
    } else if (scalar.plain() && scalar.text().equals("<<")) {
      parent.merged.add(value);
    } else if (!parent.keys.add(scalar.text())) {
      faults.error(key.line(), "the key " + FaultLog.quoted(scalar.text()) + " is here twice");
    } else {
      parent.entries.add(new YamlNode.Entry(key.line(), scalar.text(), value));
    }
  }

  /** The merge key {@code <<} of YAML 1.1: what the mapping does not say itself. */
  private void merge(Open into, YamlNode value) {
    if (value instanceof YamlNode.Sequence sequence) {
      sequence.items().forEach(item -> merge(into, item));
    } else if (value instanceof YamlNode.Mapping mapping) {
      for (YamlNode.Entry entry : mapping.entries()) {
        if (into.keys.add(entry.key())) {
          into.entries.add(entry);
        }
      }
    } else {
      faults.error(value.line(), "\"<<\" takes a mapping, but here is " + value.describe());
    }
  }
}
