package dev.custos.agent.container;

import dev.custos.linux.FileDescriptor;
import dev.custos.spi.Target;
import java.util.List;

/**
 * A target together with the descriptors that the host of the plugins owns for it.
 *
 * @param others what else is closed with it
 */
public record OpenedTarget(Target target, FileDescriptor root, List<FileDescriptor> others)
    implements AutoCloseable {
  public OpenedTarget {
    others = List.copyOf(others);
  }

  @Override
  public void close() {
    root.close();
    others.forEach(FileDescriptor::close);
  }
}
