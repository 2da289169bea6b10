package dev.custos.sinks.stdout;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.spi.sink.SinkProvider;
import dev.custos.testkit.SinkContract;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class StdoutTextContractTest extends SinkContract {
  @TempDir Path directory;
  private Fifo pipe;
  private LineReader reader;

  @AfterEach
  void closeThePipe() throws Exception {
    pipe.close();
  }

  @Override
  protected SinkProvider provider() {
    try {
      // Asked for by the contract before a preparation of this class would run.
      if (pipe == null) {
        pipe = new Fifo(directory);
        reader = new LineReader(pipe);
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return new StdoutSinkProvider(pipe.descriptor());
  }

  @Override
  protected Config config() {
    return ConfigFactory.parseString("format = text");
  }

  @Override
  protected List<String> received(int atLeast) throws Exception {
    return reader.lines(atLeast);
  }
}
