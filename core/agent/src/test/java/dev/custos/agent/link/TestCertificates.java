package dev.custos.agent.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority and a server's certificate of it, made by openssl(1) in a folder. */
final class TestCertificates {
  private final Path folder;

  /**
   * Makes both.
   *
   * @param name what the server's is for
   */
  TestCertificates(Path folder, String name) throws Exception {
    this.folder = Files.createDirectories(folder);
    make("ca", List.of(), "basicConstraints=critical,CA:TRUE");
    make(
        "server",
        List.of(
            "-CA",
            folder.resolve("ca.pem").toString(),
            "-CAkey",
            folder.resolve("ca.key").toString()),
        "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:"
            + name);
  }

  private void make(String name, List<String> issuer, String extensions) throws Exception {
    Path config = folder.resolve(name + ".cnf");
    Files.writeString(
        config,
        "[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=ext\n[dn]\nCN="
            + name
            + ".example\n[ext]\n"
            + extensions
            + "\n");
    List<String> command =
        new ArrayList<>(
            List.of("openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-days", "2"));
    command.addAll(
        List.of("-pkeyopt", "ec_paramgen_curve:prime256v1", "-config", config.toString()));
    command.addAll(List.of("-keyout", folder.resolve(name + ".key").toString()));
    command.addAll(List.of("-out", folder.resolve(name + ".pem").toString()));
    command.addAll(issuer);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }

  Path ca() {
    return folder.resolve("ca.pem");
  }

  /** A server on a port of the kernel's choice. */
  NettyServerBuilder transport(int port, String protocol) throws Exception {
    return NettyServerBuilder.forPort(port)
        .sslContext(
            GrpcSslContexts.configure(
                    SslContextBuilder.forServer(
                        folder.resolve("server.pem").toFile(),
                        folder.resolve("server.key").toFile()),
                    SslProvider.JDK)
                .protocols(protocol)
                .build());
  }
}
