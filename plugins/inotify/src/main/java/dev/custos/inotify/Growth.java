package dev.custos.inotify;

/** What a listing comes upon and can't decide alone. */
interface Growth {
  /** A directory was found and watched that was not known at this name. */
  void found(int parent, byte[] name, int length, int wd, TreeScanner.Mode mode);

  /** A comparison did not find a directory where it was. */
  void vanished(int place);

  /** A directory could not be watched. */
  void refused(Subscription s, int parent, byte[] name, int length, int errno);

  /** A directory that is watched could not be listed; ENOENT if it is not where it was. */
  void unreadable(int place, TreeScanner.Mode mode, int errno);
}
