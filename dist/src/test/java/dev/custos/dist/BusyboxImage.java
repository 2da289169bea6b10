package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * An image of nothing but busybox, in the OCI image layout, so that no registry is needed. Every
 * applet of busybox is a link in {@code /bin}.
 */
final class BusyboxImage {
  static final String NAME = "docker.io/library/custos-busybox:test";

  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

  private final Path blobs;

  private BusyboxImage(Path blobs) {
    this.blobs = blobs;
  }

  /** Builds it, and returns the archive. */
  static Path build(Path busybox, Path folder) throws IOException, InterruptedException {
    Path layout = folder.resolve("layout");
    BusyboxImage image =
        new BusyboxImage(Files.createDirectories(layout.resolve("blobs").resolve("sha256")));
    Path layer = folder.resolve("layer.tar");
    tar(root(busybox, folder.resolve("root")), layer, ".");
    String layerBlob = image.add(Files.readAllBytes(layer));
    String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    String config =
        image.add(
            """
            {"architecture":"%s","os":"linux","config":{"Env":["PATH=/bin"]},
             "rootfs":{"type":"layers","diff_ids":["%s"]}}"""
                .formatted(architecture, layerBlob)
                .getBytes(StandardCharsets.UTF_8));
    String manifest =
        image.add(
            """
            {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}"""
                .formatted(
                    MANIFEST,
                    image.descriptor(CONFIG, config, ""),
                    image.descriptor(LAYER, layerBlob, ""))
                .getBytes(StandardCharsets.UTF_8));
    String name = ",\"annotations\":{\"io.containerd.image.name\":\"" + NAME + "\"}";
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.writeString(
        layout.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[" + image.descriptor(MANIFEST, manifest, name) + "]}");
    Path archive = folder.resolve("image.tar");
    tar(layout, archive, "oci-layout", "index.json", "blobs");
    return archive;
  }

  private static Path root(Path busybox, Path root) throws IOException, InterruptedException {
    Path bin = Files.createDirectories(root.resolve("bin"));
    Files.copy(busybox, bin.resolve("busybox"));
    assertThat(bin.resolve("busybox").toFile().setExecutable(true, false)).isTrue();
    Process list = new ProcessBuilder(busybox.toString(), "--list").start();
    String applets = new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(list.waitFor()).isZero();
    for (String applet : applets.split("\n", -1)) {
      if (!applet.isEmpty() && !applet.equals("busybox")) {
        Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
      }
    }
    for (String empty : new String[] {"etc", "proc", "sys", "dev", "tmp", "data"}) {
      Files.createDirectory(root.resolve(empty));
    }
    Files.writeString(root.resolve("etc/hostname"), "busybox\n");
    return root;
  }

  private String add(byte[] blob) throws IOException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(blob);
      String hex = HexFormat.of().formatHex(digest);
      Files.write(blobs.resolve(hex), blob);
      return "sha256:" + hex;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private String descriptor(String type, String digest, String more) throws IOException {
    long size = Files.size(blobs.resolve(digest.substring("sha256:".length())));
    return """
        {"mediaType":"%s","digest":"%s","size":%d%s}"""
        .formatted(type, digest, size, more);
  }

  private static void tar(Path from, Path archive, String... what)
      throws IOException, InterruptedException {
    String[] command = {"tar", "-C", from.toString(), "-cf", archive.toString()};
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.command().addAll(List.of(what));
    assertThat(builder.start().waitFor()).as("tar ends well").isZero();
  }
}
