package dev.custos.agent.desired;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** One thread for what containers' ends and starts lead to; it is there only when there is some. */
final class TargetThread implements AutoCloseable {
  private final ThreadPoolExecutor executor;

  TargetThread() {
    executor =
        new ThreadPoolExecutor(
            1,
            1,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "custos-targets");
              thread.setDaemon(true);
              return thread;
            },
            // After close: nothing is to be done any more.
            new ThreadPoolExecutor.DiscardPolicy());
    executor.allowCoreThreadTimeOut(true);
  }

  /** Runs a task after those before it. Does nothing after close. */
  void run(Runnable task) {
    executor.execute(task);
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
