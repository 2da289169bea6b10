package dev.custos.sinks.syslog;

class TcpRfc3164ContractTest extends TcpContractTest {
  @Override
  String more() {
    return "format = rfc3164";
  }
}
