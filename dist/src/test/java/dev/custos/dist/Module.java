package dev.custos.dist;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.net.URI;
import java.util.List;
import java.util.Set;

/**
 * The modules, each with what it may import: other modules, and packages that are not ours. The
 * JDK's packages and the module's own are always allowed. A class belongs to the module whose jar
 * or output folder it was read from, whatever its package is called.
 */
enum Module {
  SPI_API(
      "spi/api",
      "custos-spi-api",
      Set.of(),
      List.of("org.pf4j.ExtensionPoint", "org.slf4j.", "com.typesafe.config.")),
  SPI_LINUX("spi/linux", "custos-spi-linux", Set.of(), List.of("jnr.ffi.")),
  SPI_TESTKIT(
      "spi/testkit",
      "custos-spi-testkit",
      Set.of(SPI_API),
      List.of(
          "org.junit.jupiter.",
          "org.assertj.",
          "org.awaitility.",
          "org.slf4j.",
          "com.typesafe.config.")),
  PLUGIN_INOTIFY(
      "plugins/inotify",
      "custos-plugin-inotify",
      Set.of(SPI_API, SPI_LINUX),
      List.of("org.pf4j.Extension", "org.slf4j.", "com.typesafe.config.", "jnr.ffi.")),
  PLUGIN_FANOTIFY(
      "plugins/fanotify",
      "custos-plugin-fanotify",
      Set.of(SPI_API, SPI_LINUX),
      List.of("org.pf4j.Extension", "org.slf4j.", "com.typesafe.config.", "jnr.ffi.")),
  PLUGIN_SINKS(
      "plugins/sinks",
      "custos-plugin-sinks",
      Set.of(SPI_API, SPI_LINUX),
      List.of("org.pf4j.Extension", "org.slf4j.", "com.typesafe.config.")),
  SAMPLE_SINK(
      "docs/examples/sample-sink",
      "custos-sample-sink",
      Set.of(SPI_API),
      List.of("org.pf4j.Extension", "org.slf4j.", "com.typesafe.config.")),
  MANIFEST("core/manifest", "custos-manifest", Set.of(), List.of("org.snakeyaml.engine.")),
  PROTOCOL(
      "core/protocol",
      "custos-protocol",
      Set.of(MANIFEST),
      List.of("com.google.protobuf.", "com.google.common.util.concurrent.", "io.grpc.")),
  AGENT(
      "core/agent",
      "custos-agent",
      Set.of(SPI_API, SPI_LINUX, MANIFEST, PROTOCOL),
      List.of(
          "org.pf4j.",
          "org.slf4j.",
          "com.typesafe.config.",
          "picocli.",
          "com.codahale.metrics.",
          "io.prometheus.metrics.",
          "com.sun.net.httpserver.",
          "sun.misc.Signal",
          "jnr.ffi.",
          "com.google.protobuf.",
          "io.grpc.")),
  CONTROLLER(
      "controller",
      "custos-controller",
      Set.of(MANIFEST, PROTOCOL),
      List.of(
          "org.slf4j.",
          "picocli.",
          "com.fasterxml.jackson.",
          "io.fabric8.",
          "org.bouncycastle.",
          "io.prometheus.metrics.",
          "com.sun.net.httpserver.",
          "com.google.protobuf.",
          "io.grpc."));

  private final String folder;
  private final String artifact;

  @SuppressWarnings("ImmutableEnumChecker") // Set.of, List.of
  private final Set<Module> modules;

  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> foreign;

  Module(String folder, String artifact, Set<Module> modules, List<String> foreign) {
    this.folder = folder;
    this.artifact = artifact;
    this.modules = modules;
    this.foreign = foreign;
  }

  /** Every main class of ours, in every module. */
  static JavaClasses classes() {
    return Imported.CLASSES;
  }

  /** Whether {@code type} was read from this module. */
  boolean has(JavaClass type) {
    return type.getSource().map(source -> holds(source.getUri())).orElse(false);
  }

  private boolean holds(URI uri) {
    String text = uri.toString();
    return text.contains("/" + folder + "/target/") || text.contains("/" + artifact + "-");
  }

  boolean mayImport(JavaClass type) {
    String name = type.getBaseComponentType().getName();
    return type.getBaseComponentType().isPrimitive()
        || name.startsWith("java.")
        || name.startsWith("javax.net.")
        || name.startsWith("javax.security.")
        || has(type.getBaseComponentType())
        || modules.stream().anyMatch(module -> module.has(type.getBaseComponentType()))
        || foreign.stream().anyMatch(allowed -> matches(name, allowed));
  }

  /** A package ends in a dot; anything else is one class, with those nested in it. */
  private static boolean matches(String name, String allowed) {
    return allowed.endsWith(".")
        ? name.startsWith(allowed)
        : name.equals(allowed) || name.startsWith(allowed + "$");
  }

  DescribedPredicate<JavaClass> classesOf() {
    return DescribedPredicate.describe("are in " + folder, this::has);
  }

  DescribedPredicate<JavaClass> allowedImports() {
    return DescribedPredicate.describe(folder + " may import", this::mayImport);
  }

  @Override
  public String toString() {
    return folder;
  }

  /** Read once, at the first use. */
  private static final class Imported {
    private static final JavaClasses CLASSES =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            // What a module's tests lend to others is no part of it.
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.custos", "com.example.custos");
  }
}
