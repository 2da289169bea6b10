package dev.custos.snapshot;

import dev.custos.format.LineBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Digests of a snapshot's content: SHA-256 over an encoding in which every text carries its length
 * and every list its size, so that different contents never encode alike, and in which sets and
 * maps are sorted, so that equal contents always do. A snapshot's digest is made of its targets'
 * digests: where one pod changes, that pod's targets are all that is read again.
 */
public final class SnapshotDigest {
  /** Changes whenever the encoding does: versions of different encodings must never meet. */
  private static final String SCHEMA = "custos.snapshot.2";

  private final LineBuffer out = new LineBuffer(4096);

  private SnapshotDigest() {}

  /**
   * @param targets the digests of its targets, in the order of their ids
   */
  static String of(String node, List<String> targets) {
    SnapshotDigest digest = new SnapshotDigest();
    digest.text(SCHEMA);
    digest.text(node);
    digest.texts(targets);
    return digest.sha256();
  }

  static String of(NodeSnapshot.Target target) {
    SnapshotDigest digest = new SnapshotDigest();
    digest.text(SCHEMA);
    digest.target(target);
    return digest.sha256();
  }

  /** A digest of what is to be guarded in one target, and in which one. */
  public static String ofGuards(NodeSnapshot.Target target) {
    SnapshotDigest digest = new SnapshotDigest();
    digest.text(SCHEMA);
    digest.text(target.id());
    digest.number(target.guards().size());
    target.guards().forEach(digest::guard);
    return digest.sha256();
  }

  private String sha256() {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(out.array(), 0, out.length());
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private void target(NodeSnapshot.Target target) {
    text(target.id());
    text(target.namespace());
    text(target.pod());
    text(target.podUid());
    text(target.container());
    map(target.labels());
    number(target.watches().size());
    target.watches().forEach(this::watch);
    number(target.guards().size());
    target.guards().forEach(this::guard);
  }

  private void watch(NodeSnapshot.WatchSubject watch) {
    owner(watch.owner());
    text(watch.logFormat());
    map(watch.tags());
    texts(watch.paths());
    texts(names(watch.events()));
    texts(watch.ignore());
    flag(watch.onlyDir());
    flag(watch.recursive());
    number(watch.maxDepth());
    flag(watch.followMove());
  }

  private void guard(NodeSnapshot.GuardSubject guard) {
    owner(guard.owner());
    text(guard.logFormat());
    map(guard.tags());
    texts(guard.allow());
    texts(guard.deny());
    texts(names(guard.events()));
    texts(guard.leftOut());
    texts(guard.ignore());
    flag(guard.onlyDir());
    flag(guard.recursive());
    number(guard.maxDepth());
    flag(guard.wholeMount());
    flag(guard.autoAllowOwner());
    flag(guard.audit());
    flag(guard.observe());
    flag(guard.reportAll());
    texts(guard.executables());
    number(guard.uids().size());
    guard.uids().forEach(this::number);
  }

  private void owner(NodeSnapshot.Owner owner) {
    text(owner.kind());
    text(owner.namespace());
    text(owner.name());
    number(owner.index());
  }

  private static List<String> names(Collection<? extends Enum<?>> constants) {
    return constants.stream().map(Enum::name).sorted().toList();
  }

  private void map(Map<String, String> map) {
    number(map.size());
    new TreeMap<>(map)
        .forEach(
            (key, value) -> {
              text(key);
              text(value);
            });
  }

  private void texts(List<String> texts) {
    number(texts.size());
    texts.forEach(this::text);
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    number(utf8.length);
    out.append(utf8);
  }

  private void flag(boolean flag) {
    out.appendByte(flag ? 1 : 0);
  }

  private void number(int number) {
    out.appendByte(number >> 24)
        .appendByte(number >> 16)
        .appendByte(number >> 8)
        .appendByte(number);
  }
}
