package dev.custos.agent.plugin;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles a plugin and packs it, so that its classes are nowhere but in its jar. */
public final class PluginJar {
  private final Map<String, String> manifest = new LinkedHashMap<>();
  private final Map<String, String> sources = new LinkedHashMap<>();
  private final Map<String, String> entries = new LinkedHashMap<>();

  private PluginJar(String id) {
    manifest.put("Plugin-Id", id);
    manifest.put("Plugin-Version", "1.2.3");
    manifest.put("Plugin-Requires", ">=0.1.0 & <0.2.0");
  }

  public static PluginJar named(String id) {
    return new PluginJar(id);
  }

  /** A plugin with one sink, whose class is {@code test.ID.Provider}. */
  public static PluginJar withSink(String id, String sink) {
    return named(id)
        .extension(
            "test." + id + ".Provider",
            "package test."
                + id
                + ";\n"
                + "import dev.custos.spi.sink.*;\n"
                + "public class Provider implements SinkProvider {\n"
                + "  public String name() { return \""
                + sink
                + "\"; }\n"
                + "  public Sink open(SinkContext c) throws SinkException {\n"
                + "    return new Sink() {\n"
                + "      public WriteResult write(java.util.List<RenderedEvent> b) {\n"
                + "        return WriteResult.accepted(b.size());\n"
                + "      }\n"
                + "      public void close() {}\n"
                + "    };\n"
                + "  }\n"
                + "}\n");
  }

  public PluginJar manifest(String name, String value) {
    if (value == null) {
      manifest.remove(name);
    } else {
      manifest.put(name, value);
    }
    return this;
  }

  public PluginJar source(String className, String text) {
    sources.put(className, text);
    return this;
  }

  public PluginJar extension(String className, String text) {
    entries.merge("META-INF/extensions.idx", className + "\n", String::concat);
    return source(className, text);
  }

  public PluginJar entry(String name, String text) {
    entries.put(name, text);
    return this;
  }

  public PluginJar withoutIndex() {
    entries.remove("META-INF/extensions.idx");
    return this;
  }

  public Path writeTo(Path jar) {
    try {
      Files.createDirectories(jar.getParent());
      Path classes = Files.createTempDirectory("plugin-classes");
      compile(classes);
      Manifest written = new Manifest();
      written.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
      manifest.forEach(written.getMainAttributes()::putValue);
      try (OutputStream out = Files.newOutputStream(jar);
          JarOutputStream packed = new JarOutputStream(out, written);
          Stream<Path> files = Files.walk(classes)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          put(packed, classes.relativize(file).toString(), Files.readAllBytes(file));
        }
        for (Map.Entry<String, String> entry : entries.entrySet()) {
          put(packed, entry.getKey(), entry.getValue().getBytes(StandardCharsets.UTF_8));
        }
      }
      try (Stream<Path> files = Files.walk(classes)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void put(JarOutputStream jar, String name, byte[] content) throws IOException {
    jar.putNextEntry(new ZipEntry(name));
    jar.write(content);
    jar.closeEntry();
  }

  private void compile(Path classes) throws IOException {
    if (sources.isEmpty()) {
      return;
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((name, text) -> units.add(new Source(name, text)));
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "-d",
              classes.toString(),
              "-proc:none",
              "-classpath",
              System.getProperty("java.class.path"));
      if (!compiler.getTask(null, files, null, options, null, units).call()) {
        throw new IllegalStateException("the plugin does not compile");
      }
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String className, String text) {
      super(URI.create("string:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
