package dev.custos.inotify;

import dev.custos.linux.DirectoryReader;
import dev.custos.linux.FileStatus;
import dev.custos.linux.PathBuffer;
import dev.custos.linux.PathOpener;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The buffers of a thread that serves an instance; an instance that is quiet needs none. */
final class Tools {
  static final int EVENTS = 64 * 1024;

  final PathOpener opener = new PathOpener();
  final FileStatus status = new FileStatus();
  final DirectoryReader directory = new DirectoryReader();
  final PathBuffer path = new PathBuffer();
  final ByteBuffer events = ByteBuffer.allocateDirect(EVENTS).order(ByteOrder.nativeOrder());
}
