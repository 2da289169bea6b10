package dev.custos.spi.event;

/** What happened to a watched object; the names are those of inotify(7) without {@code IN_}. */
public enum ChangeKind {
  ACCESS,
  ATTRIB,
  CLOSE_WRITE,
  CLOSE_NOWRITE,
  CREATE,
  DELETE,
  DELETE_SELF,
  MODIFY,
  MOVE_SELF,
  MOVED_FROM,
  MOVED_TO,
  OPEN
}
