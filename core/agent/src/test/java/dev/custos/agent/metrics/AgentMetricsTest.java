package dev.custos.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.agent.pipeline.EventPipeline;
import dev.custos.agent.pipeline.OwnerFormats;
import dev.custos.agent.pipeline.PipelineListener;
import dev.custos.agent.pipeline.SinkPolicy;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.WriteResult;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgentMetricsTest {
  private static final class Swallow implements Sink {
    @Override
    public WriteResult write(List<RenderedEvent> batch) {
      return WriteResult.accepted(batch.size());
    }

    @Override
    public void close() {}
  }

  private static final class Silent implements PipelineListener {
    @Override
    public void failing(String sink, String reason, Duration pause) {}

    @Override
    public void recovered(String sink) {}

    @Override
    public void rejected(String sink, long count, String reason) {}

    @Override
    public void stuck(String sink, String what) {}

    @Override
    public void closed(String sink, String reason, Throwable cause) {}

    @Override
    public void limitReached(String sink) {}
  }

  @Test
  void theTextHasALineForEachFigure() {
    Origin origin = Origin.ofNode("node-1");
    EventPipeline pipeline =
        new EventPipeline(origin, new OwnerFormats(), new Silent(), Clock.systemUTC());
    pipeline.addSink("console", new Swallow(), Swallow::new, SinkPolicy.DEFAULT);
    for (int i = 0; i < 3; i++) {
      pipeline.publish(
          FileChanged.builder(Subject.ofAgent(), origin)
              .time(Instant.EPOCH)
              .kind(ChangeKind.MODIFY)
              .path(FilePath.of("/a"))
              .build());
    }
    AgentMetrics metrics = new AgentMetrics(pipeline);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(metrics.text())
                    .isEqualTo(
                        """
                        custos.events.published 3
                        custos.sink.console.lost 0
                        custos.sink.console.queued 0
                        custos.sink.console.rejected 0
                        custos.sink.console.retried 0
                        custos.sink.console.written 3
                        """));
    pipeline.close();
  }
}
