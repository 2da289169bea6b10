package dev.custos.fanotify;

import dev.custos.linux.DirectoryReader;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;

/**
 * What one target's objects are looked at with: reused buffers, so used by one thread at a time.
 *
 * @param programs what is remembered from look to look
 */
record Toolbox(
    PathOpener opener,
    ObjectReader objects,
    DirectoryReader directories,
    SuperBlock superBlock,
    Programs programs) {
  static Toolbox open() throws NativeException {
    return new Toolbox(
        new PathOpener(),
        new ObjectReader(),
        new DirectoryReader(),
        new SuperBlock(),
        new Programs());
  }
}
