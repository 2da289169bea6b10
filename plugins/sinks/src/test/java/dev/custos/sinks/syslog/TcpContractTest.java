package dev.custos.sinks.syslog;

import com.typesafe.config.Config;
import dev.custos.spi.sink.SinkProvider;
import dev.custos.testkit.SinkContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

class TcpContractTest extends SinkContract {
  private final List<String> received = Collections.synchronizedList(new ArrayList<>());
  private FakeServer server;

  @AfterEach
  void closeTheServer() throws Exception {
    server.close();
  }

  @Override
  protected SinkProvider provider() {
    return new SyslogSinkProvider();
  }

  @Override
  protected final Config config() {
    // Asked for by the contract before a preparation of this class would run.
    if (server == null) {
      try {
        server = new FakeServer();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      for (int i = 0; i < 4; i++) {
        server.then(this::serve);
      }
    }
    return Sinks.config("address = \"127.0.0.1:" + server.port() + "\"\n" + more());
  }

  String more() {
    return "format = rfc5424";
  }

  void serve(FakeServer.Client client) throws Exception {
    for (String message = client.message(); message != null; message = client.message()) {
      take(message);
    }
  }

  final void take(String message) {
    received.add(message);
  }

  @Override
  protected final List<String> received(int atLeast) {
    ServerProcess.await(atLeast + " messages", () -> received.size() >= atLeast);
    return List.copyOf(received);
  }
}
