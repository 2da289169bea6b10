package dev.custos.agent.bootstrap;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Names a backend's threads after it. None of them keeps the process alive. */
final class NamedThreads implements ThreadFactory {
  private final String owner;
  private final AtomicInteger count = new AtomicInteger();

  NamedThreads(String owner) {
    this.owner = owner;
  }

  @Override
  public Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "custos-" + owner + "-" + count.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }
}
