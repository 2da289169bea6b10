package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The etcd of a {@link KubeApi}, which starts and ends it. */
final class KubeApiStore {
  private final String url;
  private final List<String> command;

  /**
   * @param port where the API server finds it
   * @param peerPort where other etcds would
   */
  KubeApiStore(Path program, Path data, int port, int peerPort) {
    url = "http://127.0.0.1:" + port;
    String peers = "http://127.0.0.1:" + peerPort;
    command =
        List.of(
            program.toString(),
            "--data-dir=" + data,
            "--listen-client-urls=" + url,
            "--advertise-client-urls=" + url,
            "--listen-peer-urls=" + peers,
            "--initial-advertise-peer-urls=" + peers,
            "--initial-cluster=default=" + peers,
            "--unsafe-no-fsync");
  }

  String url() {
    return url;
  }

  /** What starts it, over the data that it has. */
  List<String> command() {
    return command;
  }

  /** Has it forget every version of everything but the newest. */
  void compact() throws IOException, InterruptedException {
    // The smallest key: there need not be such a one to learn the revision.
    String answer = ask("/v3/kv/range", "{\"key\": \"AA==\"}");
    Matcher revision = Pattern.compile("\"revision\":\"(\\d+)\"").matcher(answer);
    assertThat(revision.find()).as(answer).isTrue();
    ask("/v3/kv/compaction", "{\"revision\": \"" + revision.group(1) + "\"}");
  }

  private String ask(String path, String body) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(url + path))
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
