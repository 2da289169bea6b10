package dev.custos.sinks.http;

import java.util.ArrayList;
import java.util.List;

class BulkContractTest extends NdjsonContractTest {
  @Override
  String encoding() {
    return "elasticsearch-bulk";
  }

  @Override
  TestReceiver.Behaviour answer() {
    return TestReceiver.status(200, "{\"took\":30,\"errors\":false,\"items\":[]}");
  }

  @Override
  List<String> records(String body) {
    List<String> lines = super.records(body);
    List<String> documents = new ArrayList<>();
    for (int i = 1; i < lines.size(); i += 2) {
      documents.add(lines.get(i));
    }
    return documents;
  }
}
