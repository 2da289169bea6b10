package dev.custos.agent.container;

import dev.custos.linux.FileDescriptor;
import dev.custos.spi.Target;

/** A target together with the descriptor that the host owns for it. */
public record OpenedTarget(Target target, FileDescriptor root) implements AutoCloseable {
  @Override
  public void close() {
    root.close();
  }
}
