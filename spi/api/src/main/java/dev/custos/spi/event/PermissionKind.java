package dev.custos.spi.event;

/** What a process asked for; the names are those of fanotify(7) without {@code FAN_}. */
public enum PermissionKind {
  OPEN_PERM,
  ACCESS_PERM,
  OPEN_EXEC_PERM
}
