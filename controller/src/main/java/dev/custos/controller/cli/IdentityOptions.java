package dev.custos.controller.cli;

import dev.custos.controller.identity.Admission;
import dev.custos.controller.identity.AgentAccount;
import dev.custos.controller.identity.AgentPods;
import dev.custos.controller.identity.CertificateFault;
import dev.custos.controller.identity.ServerCertificate;
import dev.custos.controller.identity.ServerNames;
import dev.custos.controller.identity.TokenReviewer;
import dev.custos.controller.identity.TokenReviews;
import dev.custos.controller.server.AgentTransport;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How agents and the controller know each other. */
final class IdentityOptions {
  // A DNS label (RFC 1123).
  private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private static final Duration REVIEW_PATIENCE = Duration.ofSeconds(10);

  @Option(
      names = "--insecure",
      description = {
        "Serve plain text, and believe every agent what node it says it is. For a laptop only:"
            + " whoever reaches the port can read every node's snapshot."
      })
  private boolean insecure;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      defaultValue = "custos",
      description = {
        "The controller's own namespace, where its certificates are kept. Default:"
            + " ${DEFAULT-VALUE}."
      })
  private String namespace;

  @Option(
      names = "--agent-account",
      paramLabel = "NAMESPACE/NAME",
      defaultValue = "custos/custos-agent",
      description = {
        "The ServiceAccount that agents run as: its tokens are let in, and its pods are never a"
            + " target. Default: ${DEFAULT-VALUE}."
      })
  private String account;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = {
        "The server's certificate and those between it and its authority, PEM. Read again when it"
            + " changes. Default: the controller makes its own."
      })
  private Path certificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "That certificate's key, PEM.")
  private Path key;

  @Option(
      names = "--tls-ca",
      paramLabel = "FILE",
      description = {
        "What agents are to trust, PEM, published in the ConfigMap custos-controller-ca. Default:"
            + " nothing is published, and agents are told in another way."
      })
  private Path authority;

  @Option(
      names = "--tls-name",
      paramLabel = "NAME",
      description = {
        "A DNS name or IP address that agents know the controller by, besides those of the service"
            + " custos-controller; for the certificate that it makes. May be repeated."
      })
  private List<String> names = new ArrayList<>();

  /**
   * Finds what can't be.
   *
   * @throws ParameterException naming the option
   */
  void check(CommandLine line) {
    if (!NAMESPACE.matcher(namespace).matches()) {
      throw new ParameterException(line, "--namespace " + namespace + ": is no namespace's name");
    }
    if (AgentAccount.parse(account).isEmpty()) {
      throw new ParameterException(
          line, "--agent-account " + account + ": expected NAMESPACE/NAME, such as custos/agent");
    }
    boolean given = certificate != null;
    if (given != (key != null)) {
      throw new ParameterException(line, "--tls-cert and --tls-key go together");
    }
    if (!given && authority != null) {
      throw new ParameterException(
          line, "--tls-ca goes with --tls-cert and --tls-key; the controller's own is published");
    }
    if (given && !names.isEmpty()) {
      throw new ParameterException(
          line, "--tls-name is for a certificate that the controller makes, not for --tls-cert");
    }
    if (insecure && (given || !names.isEmpty())) {
      throw new ParameterException(line, "--insecure is without TLS, so without --tls-... as well");
    }
    for (String name : names) {
      if (!ServerNames.isValid(name)) {
        throw new ParameterException(
            line, "--tls-name " + name + ": expected a DNS name or an IP address");
      }
    }
  }

  /** What is in force, to be closed after the controller. */
  Identity open(KubernetesClient client) throws CertificateFault, IOException {
    AgentPods pods = new AgentPods(AgentAccount.parse(account).orElseThrow());
    if (insecure) {
      return new Identity(pods, Optional.empty(), Optional.empty(), new AgentTransport());
    }
    ServerCertificate shown =
        certificate == null
            ? ServerCertificate.ofOwnAuthority(client, namespace, ServerNames.of(namespace, names))
            : ServerCertificate.ofFiles(
                certificate, key, Optional.ofNullable(authority), client, namespace);
    return new Identity(
        pods,
        Optional.of(
            new TokenReviews(pods, TokenReviewer.of(client), Clock.systemUTC(), REVIEW_PATIENCE)),
        Optional.of(shown),
        new AgentTransport());
  }

  /**
   * How agents and the controller know each other, while the program runs.
   *
   * @param reviews empty if nobody has to prove anything
   * @param certificate empty for plain text
   * @param connections what agents connect through
   */
  record Identity(
      AgentPods pods,
      Optional<TokenReviews> reviews,
      Optional<ServerCertificate> certificate,
      AgentTransport connections)
      implements AutoCloseable {
    NettyServerBuilder transport(int port) {
      return certificate
          .map(shown -> connections.encrypted(port, shown))
          .orElseGet(() -> connections.plainText(port));
    }

    Optional<Admission> admission() {
      return reviews.map(Admission.class::cast);
    }

    @Override
    public void close() {
      reviews.ifPresent(TokenReviews::close);
      certificate.ifPresent(ServerCertificate::close);
      connections.close();
    }
  }
}
