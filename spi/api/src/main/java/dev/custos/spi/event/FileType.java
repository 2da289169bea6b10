package dev.custos.spi.event;

/** What kind of object an event is about, as far as the kernel's record tells. */
public enum FileType {
  /** Anything that is not a directory. */
  FILE("file"),
  DIRECTORY("directory");

  private final String text;

  FileType(String text) {
    this.text = text;
  }

  /** The word that appears in a line, as {@code {ftype}}. */
  public String text() {
    return text;
  }
}
