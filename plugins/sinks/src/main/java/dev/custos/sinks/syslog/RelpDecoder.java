package dev.custos.sinks.syslog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Finds frames in what a server sends, in whatever pieces it comes. What is no frame is an error:
 * there is no way to find the beginning of the next one. Not thread-safe.
 */
final class RelpDecoder {
  // The answer to "open" is the longest that any server gives, and has some hundred bytes.
  private static final int LONGEST_DATA = 64 * 1024;
  private static final int LONGEST_COMMAND = 32;
  private static final int LONGEST_NUMBER = 9;

  private enum Field {
    TRANSACTION,
    COMMAND,
    LENGTH,
    DATA,
    END
  }

  private final StringBuilder text = new StringBuilder();
  private Field field = Field.TRANSACTION;
  private int transaction;
  private String command = "";
  private byte[] data = new byte[0];
  private int received;

  /** Takes bytes until a frame is whole; null if they do not suffice. */
  RelpFrame next(ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      if (field == Field.DATA) {
        int count = Math.min(source.remaining(), data.length - received);
        source.get(data, received, count);
        received += count;
        if (received == data.length) {
          field = Field.END;
        }
      } else if (take((char) (source.get() & 0xff))) {
        return new RelpFrame(transaction, command, new String(data, StandardCharsets.ISO_8859_1));
      }
    }
    return null;
  }

  /** Takes one byte outside of data, and tells whether it was a frame's last. */
  private boolean take(char c) throws IOException {
    switch (field) {
      case TRANSACTION -> {
        if (c == ' ') {
          transaction = number();
          field = Field.COMMAND;
        } else {
          digit(c);
        }
      }
      case COMMAND -> {
        if (c == ' ') {
          command = word();
          field = Field.LENGTH;
        } else {
          letter(c);
        }
      }
      case LENGTH -> {
        if (c == ' ' || c == '\n') {
          beginData(number());
          return c == '\n' && end(c);
        }
        digit(c);
      }
      default -> {
        return end(c);
      }
    }
    return false;
  }

  private void beginData(int length) throws IOException {
    if (length > LONGEST_DATA) {
      throw new IOException("the server speaks no RELP: a frame of " + length + " bytes");
    }
    data = new byte[length];
    received = 0;
    field = length == 0 ? Field.END : Field.DATA;
  }

  private boolean end(char c) throws IOException {
    if (c != '\n' || field != Field.END) {
      throw new IOException("the server speaks no RELP: a frame does not end where it should");
    }
    field = Field.TRANSACTION;
    return true;
  }

  private void digit(char c) throws IOException {
    if (c < '0' || c > '9' || text.length() == LONGEST_NUMBER) {
      throw new IOException("the server speaks no RELP: a number is expected");
    }
    text.append(c);
  }

  private void letter(char c) throws IOException {
    if (c < '0' || c > 'z' || text.length() == LONGEST_COMMAND) {
      throw new IOException("the server speaks no RELP: a command is expected");
    }
    text.append(c);
  }

  private int number() throws IOException {
    String digits = word();
    return Integer.parseInt(digits);
  }

  private String word() throws IOException {
    if (text.length() == 0) {
      throw new IOException("the server speaks no RELP: a part of a frame is empty");
    }
    String word = text.toString();
    text.setLength(0);
    return word;
  }
}
