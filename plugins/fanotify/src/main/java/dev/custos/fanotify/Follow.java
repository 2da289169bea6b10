package dev.custos.fanotify;

import dev.custos.spi.event.FilePath;

/** Takes note of the directories in which a change would change what a plan's paths lead to. */
interface Follow {
  /** Wants to hear if this name comes, goes or changes in a directory. Called before the look. */
  void name(int dirFd, FilePath directory, FilePath name);

  /** Wants to hear of every name that comes or goes in a directory. Called before the look. */
  void everything(int dirFd, FilePath directory);

  /** Follows nothing. */
  Follow NOTHING =
      new Follow() {
        @Override
        public void name(int dirFd, FilePath directory, FilePath name) {
          // Nobody wants to hear.
        }

        @Override
        public void everything(int dirFd, FilePath directory) {
          // Nobody wants to hear.
        }
      };
}
