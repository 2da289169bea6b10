package dev.custos.agent.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** Makes the files that events are written to; tests have disks that fail when they say so. */
@FunctionalInterface
public interface SpoolDisk {
  SpoolDisk REAL =
      file ->
          FileChannel.open(
              file,
              Set.of(
                  StandardOpenOption.WRITE,
                  StandardOpenOption.CREATE_NEW,
                  LinkOption.NOFOLLOW_LINKS),
              SpoolDirectory.FILE_MODE);

  /** A new file, open for writing, for its owner alone. */
  FileChannel create(Path file) throws IOException;
}
