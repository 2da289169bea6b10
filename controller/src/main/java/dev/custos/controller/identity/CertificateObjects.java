package dev.custos.controller.identity;

import dev.custos.controller.api.ApiFault;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * Certificates that the controller makes by itself, kept in a Secret that all its replicas share,
 * and what agents are to trust, in a ConfigMap. Whichever replica is first makes them: one that
 * comes too late, or meets another one's renewal, begins again with what is there then.
 */
final class CertificateObjects implements CertificateSource {
  static final String SECRET = "custos-controller-tls";
  static final String CONFIG_MAP = "custos-controller-ca";
  static final String TRUSTED = "ca.crt";

  private static final int ATTEMPTS = 10;
  private static final Map<String, String> LABELS =
      Map.of("app.kubernetes.io/name", "custos", "app.kubernetes.io/component", "controller");

  private final KubernetesClient client;
  private final String namespace;
  private final List<String> names;
  private final Clock clock;

  CertificateObjects(KubernetesClient client, String namespace, List<String> names, Clock clock) {
    this.client = client;
    this.namespace = namespace;
    this.names = List.copyOf(names);
    this.clock = clock;
  }

  @Override
  public KeyMaterial read() throws CertificateFault, IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return tryOnce();
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
          throw new IOException(
              "the Secret "
                  + SECRET
                  + " or the ConfigMap "
                  + CONFIG_MAP
                  + ": "
                  + ApiFault.of(e).reason(),
              e);
        }
      }
    }
    throw new IOException("others keep changing the Secret " + SECRET);
  }

  private KeyMaterial tryOnce() throws CertificateFault {
    // Looked at before the Secret: what another replica makes of both from here on is a conflict
    // below, so that an old authority never takes a new one's place.
    ConfigMap published = client.configMaps().inNamespace(namespace).withName(CONFIG_MAP).get();
    StoredCertificates stored = stored();
    publish(client, namespace, published, stored.trustedText());
    return stored.server();
  }

  private StoredCertificates stored() throws CertificateFault {
    Secret secret = client.secrets().inNamespace(namespace).withName(SECRET).get();
    if (secret == null) {
      StoredCertificates made = StoredCertificates.make(names, clock.instant());
      client
          .resource(
              new SecretBuilder()
                  .withNewMetadata()
                  .withNamespace(namespace)
                  .withName(SECRET)
                  .withLabels(LABELS)
                  .endMetadata()
                  .withType("kubernetes.io/tls")
                  .withData(made.data())
                  .build())
          .create();
      return made;
    }
    StoredCertificates stored =
        StoredCertificates.read(secret.getData(), "Secret " + namespace + "/" + SECRET);
    StoredCertificates renewed = stored.renewed(names, clock.instant());
    if (!renewed.equals(stored)) {
      client
          .resource(new SecretBuilder(secret).withData(renewed.data()).build())
          .lockResourceVersion(secret.getMetadata().getResourceVersion())
          .update();
    }
    return renewed;
  }

  /**
   * Has agents trust these certificates.
   *
   * @param published what is there; null if nothing is
   * @throws KubernetesClientException of a conflict, if it is not there any more
   */
  static void publish(
      KubernetesClient client, String namespace, ConfigMap published, String trusted) {
    if (published == null) {
      client
          .resource(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withNamespace(namespace)
                  .withName(CONFIG_MAP)
                  .withLabels(LABELS)
                  .endMetadata()
                  .withData(Map.of(TRUSTED, trusted))
                  .build())
          .create();
    } else if (published.getData() == null || !trusted.equals(published.getData().get(TRUSTED))) {
      client
          .resource(new ConfigMapBuilder(published).withData(Map.of(TRUSTED, trusted)).build())
          .lockResourceVersion(published.getMetadata().getResourceVersion())
          .update();
    }
  }
}
