package dev.custos.sinks.syslog;

class RelpContractTest extends TcpContractTest {
  @Override
  String more() {
    return "transport = relp";
  }

  @Override
  void serve(FakeServer.Client client) throws Exception {
    client.opened();
    for (RelpFrame frame = client.frame(); frame != null; frame = client.frame()) {
      if (frame.command().equals("syslog")) {
        take(frame.data());
      }
      client.respond(frame.transaction(), "200 OK");
    }
  }
}
