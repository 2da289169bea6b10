package dev.custos.sinks.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Certificates of a new authority, made by openssl(1) in a folder: {@code NAME.pem, NAME.key}. */
public final class Certificates {
  private final Path folder;

  private Certificates(Path folder) {
    this.folder = folder;
  }

  /** Makes an authority, {@code ca.pem}. */
  public static Certificates in(Path folder) throws Exception {
    Certificates certificates = new Certificates(Files.createDirectories(folder));
    certificates.request("ca", List.of(), "basicConstraints=critical,CA:TRUE");
    return certificates;
  }

  /** Makes a server's certificate. */
  public Certificates server(String name, String alternativeNames) throws Exception {
    return leaf(name, "extendedKeyUsage=serverAuth", "subjectAltName=" + alternativeNames);
  }

  /** What a server with that certificate needs. */
  public SSLContext context(String name) throws Exception {
    char[] password = {};
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    X509Certificate[] chain =
        PemFile.read(path(name + ".pem")).certificates().toArray(X509Certificate[]::new);
    store.setKeyEntry(name, PemFile.read(path(name + ".key")).privateKey(), password, chain);
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  /** Makes a client's certificate. */
  public Certificates client(String name) throws Exception {
    return leaf(name, "extendedKeyUsage=clientAuth", "subjectAltName=DNS:" + name + ".example");
  }

  private Certificates leaf(String name, String... extensions) throws Exception {
    List<String> all = new ArrayList<>(List.of("basicConstraints=critical,CA:FALSE"));
    Collections.addAll(all, extensions);
    request(
        name,
        List.of("-CA", path("ca.pem").toString(), "-CAkey", path("ca.key").toString()),
        all.toArray(String[]::new));
    return this;
  }

  private void request(String name, List<String> issuer, String... extensions) throws Exception {
    Path config = path(name + ".cnf");
    Files.writeString(
        config,
        "[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=ext\n[dn]\nCN="
            + name
            + ".example\n[ext]\n"
            + String.join("\n", extensions)
            + "\n");
    List<String> command = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes"));
    command.addAll(List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"));
    command.addAll(List.of("-days", "2", "-config", config.toString()));
    command.addAll(List.of("-keyout", path(name + ".key").toString()));
    command.addAll(List.of("-out", path(name + ".pem").toString()));
    command.addAll(issuer);
    run(command);
  }

  /** Runs openssl(1) with these words. */
  public static void openssl(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl"));
    Collections.addAll(command, words);
    run(command);
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }

  /** A file in the folder. */
  public Path path(String file) {
    return folder.resolve(file);
  }
}
