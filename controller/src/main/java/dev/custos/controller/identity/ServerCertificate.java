package dev.custos.controller.identity;

import dev.custos.controller.api.ApiFault;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.grpc.util.AdvancedTlsX509KeyManager;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that the server shows, looked after as long as this is open. A new one is for new
 * connections; streams that stand go on. If a new one is of no use, the old one stays in use.
 */
public final class ServerCertificate implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerCertificate.class);
  private static final Duration FILES_LOOKED_AT = Duration.ofSeconds(10);
  private static final Duration SECRET_LOOKED_AT = Duration.ofMinutes(10);

  private final CertificateSource source;
  private final AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "certificates");
            thread.setDaemon(true);
            return thread;
          });

  // Touched by the opening thread, then by the timer's alone.
  private KeyMaterial current;
  private String lastFault = "";

  private ServerCertificate(CertificateSource source) {
    this.source = source;
  }

  /**
   * Has the controller make its certificates by itself, and keep them in its namespace.
   *
   * @param names what agents may know it by
   */
  public static ServerCertificate ofOwnAuthority(
      KubernetesClient client, String namespace, List<String> names)
      throws CertificateFault, IOException {
    return open(
        new CertificateObjects(client, namespace, names, Clock.systemUTC()), SECRET_LOOKED_AT);
  }

  /**
   * Takes what others keep in files, and follows them.
   *
   * @param authority what agents are to trust, published in the namespace; empty if they are told
   *     in another way
   */
  public static ServerCertificate ofFiles(
      Path certificate,
      Path key,
      Optional<Path> authority,
      KubernetesClient client,
      String namespace)
      throws CertificateFault, IOException {
    CertificateFiles files = new CertificateFiles(certificate, key);
    CertificateSource source =
        authority
            .<CertificateSource>map(file -> new PublishingFiles(files, file, client, namespace))
            .orElse(files);
    return open(source, FILES_LOOKED_AT);
  }

  /**
   * Reads the first one, and looks for changes from then on.
   *
   * @throws CertificateFault if what is there is of no use
   * @throws IOException if it can't be had now
   */
  static ServerCertificate open(CertificateSource source, Duration interval)
      throws CertificateFault, IOException {
    ServerCertificate certificate = new ServerCertificate(source);
    try {
      certificate.take(source.read());
    } catch (CertificateFault | IOException | RuntimeException e) {
      certificate.close();
      throw e;
    }
    var unused =
        certificate.timer.scheduleWithFixedDelay(
            certificate::look, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    return certificate;
  }

  /** For the server's TLS; always has the newest. */
  public KeyManager keys() {
    return keys;
  }

  private void look() {
    try {
      KeyMaterial read = source.read();
      lastFault = "";
      if (!read.chain().equals(current.chain())) {
        take(read);
      }
    } catch (CertificateFault | IOException | RuntimeException e) {
      // Once: as long as nobody puts it right, the same every few seconds would help nobody.
      if (!lastFault.equals(e.getMessage())) {
        lastFault = String.valueOf(e.getMessage());
        LOG.error("the old certificate stays in use: {}", lastFault);
      }
    }
  }

  private void take(KeyMaterial next) {
    keys.updateIdentityCredentials(
        next.chain().toArray(new java.security.cert.X509Certificate[0]), next.key());
    current = next;
    LOG.info(
        "serving with a certificate that is valid until {}",
        next.certificate().getNotAfter().toInstant());
  }

  /** Looks for no more changes. */
  @Override
  public void close() {
    timer.shutdownNow();
  }

  /** Files, with an authority that agents are told of. */
  private record PublishingFiles(
      CertificateFiles files, Path authority, KubernetesClient client, String namespace)
      implements CertificateSource {
    @Override
    public KeyMaterial read() throws CertificateFault, IOException {
      String where = "--tls-ca " + authority;
      String trusted =
          Pem.of(Pem.certificates(CertificateFiles.text(authority, "--tls-ca"), where));
      KeyMaterial read = files.read();
      try {
        CertificateObjects.publish(
            client,
            namespace,
            client
                .configMaps()
                .inNamespace(namespace)
                .withName(CertificateObjects.CONFIG_MAP)
                .get(),
            trusted);
      } catch (KubernetesClientException e) {
        throw new IOException(
            "the ConfigMap " + CertificateObjects.CONFIG_MAP + ": " + ApiFault.of(e).reason(), e);
      }
      return read;
    }
  }
}
