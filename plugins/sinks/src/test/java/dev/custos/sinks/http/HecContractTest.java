package dev.custos.sinks.http;

class HecContractTest extends NdjsonContractTest {
  @Override
  String encoding() {
    return "splunk-hec";
  }

  @Override
  TestReceiver.Behaviour answer() {
    return TestReceiver.status(200, "{\"text\":\"Success\",\"code\":0}");
  }
}
