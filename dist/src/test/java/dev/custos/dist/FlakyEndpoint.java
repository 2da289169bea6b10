package dev.custos.dist;

import java.io.IOException;
import java.nio.file.Path;

/** A receiver that a torture test kills, and whose records stay in one file. */
interface FlakyEndpoint extends AutoCloseable {
  /** The settings of a sink that sends to it. */
  String settings();

  /** Ends with every connection, as a killed process does. */
  void die() throws IOException, InterruptedException;

  /** Is again where it was before. */
  void comeBack() throws IOException, InterruptedException;

  /** From now on it does what a receiver should. */
  void behave();

  /** The whole record that was stored last; empty if there is none. */
  String last() throws IOException;

  /** Its records, one in each line. */
  Path file();

  @Override
  void close() throws IOException;
}
