package dev.custos.sinks.http;

import com.typesafe.config.Config;
import dev.custos.spi.sink.SinkProvider;
import dev.custos.testkit.SinkContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

class NdjsonContractTest extends SinkContract {
  private TestReceiver receiver;

  @AfterEach
  void closeTheReceiver() throws Exception {
    receiver.close();
  }

  @Override
  protected SinkProvider provider() {
    return new HttpSinkProvider();
  }

  @Override
  protected Config config() {
    // Asked for by the contract before a preparation of this class would run.
    if (receiver == null) {
      try {
        receiver = new TestReceiver().otherwise(answer());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return Sinks.config("url = \"" + receiver.url() + "\"", "encoding = " + encoding(), more());
  }

  String encoding() {
    return "ndjson";
  }

  String more() {
    return "";
  }

  /** What the server says to every request. */
  TestReceiver.Behaviour answer() {
    return TestReceiver.status(200);
  }

  /** The records within a body. */
  List<String> records(String body) {
    return Arrays.asList(body.split("\n"));
  }

  @Override
  protected final List<String> received(int atLeast) {
    List<String> records = new ArrayList<>();
    for (TestReceiver.Request request : receiver.requests()) {
      records.addAll(records(request.body()));
    }
    return records;
  }
}
