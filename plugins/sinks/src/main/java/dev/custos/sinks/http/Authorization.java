package dev.custos.sinks.http;

import dev.custos.sinks.config.Options;
import dev.custos.sinks.config.Secret;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.SinkException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** How the sink says who it is: a field of each request, made of a secret as it is then. */
final class Authorization {
  /** A field's name and value. The value is the secret, so there is no {@code toString}. */
  static final class Field {
    private final String name;
    private final String value;

    private Field(String name, String value) {
      this.name = name;
      this.value = value;
    }

    String name() {
      return name;
    }

    String value() {
      return value;
    }

    boolean isAs(Field other) {
      return value.equals(other.value);
    }
  }

  private final String type;
  private final String user;
  private final String header;
  private final Secret secret;

  private Authorization(String type, String user, String header, Secret secret) {
    this.type = type;
    this.user = user;
    this.header = header;
    this.secret = secret;
  }

  /** Reads the section {@code auth}; empty for none. */
  static Optional<Authorization> of(Options auth) throws SinkException {
    String type = auth.word("type", "none", "bearer", "basic", "header", "splunk");
    String secretKey =
        switch (type) {
          case "basic" -> "password";
          case "header" -> "value";
          default -> "token";
        };
    for (String key : new String[] {"user", "password", "name", "value", "token"}) {
      boolean wanted =
          !type.equals("none")
              && (key.equals(secretKey)
                  || (type.equals("basic") && key.equals("user"))
                  || (type.equals("header") && key.equals("name")));
      if (auth.has(key) && !wanted) {
        throw auth.wrong(key, "is not for auth.type = " + type);
      }
      if (!auth.has(key) && wanted) {
        throw auth.wrong("type", type + " needs auth." + key + ", which is missing");
      }
    }
    if (type.equals("none")) {
      return Optional.empty();
    }
    String user = type.equals("basic") ? user(auth) : "";
    String header = "Authorization";
    if (type.equals("header")) {
      header = auth.text("name");
      if (!HeaderRules.isName(header) || HeaderRules.isOurs(header)) {
        throw auth.wrong("name", "\"" + Printable.escape(header) + "\" can't be a header's name");
      }
    }
    return Optional.of(checked(auth, secretKey, type, user, header));
  }

  /** Reads the section {@code proxy-auth}; empty for none. */
  static Optional<Authorization> ofProxy(Options auth) throws SinkException {
    if (!auth.has("user") && !auth.has("password")) {
      return Optional.empty();
    }
    if (!auth.has("password")) {
      throw auth.wrong("user", "needs proxy-auth.password, which is missing");
    }
    if (!auth.has("user")) {
      throw auth.wrong("password", "needs proxy-auth.user, which is missing");
    }
    String user = user(auth);
    return Optional.of(checked(auth, "password", "basic", user, "Proxy-Authorization"));
  }

  private static Authorization checked(
      Options auth, String secretKey, String type, String user, String header)
      throws SinkException {
    Authorization made = new Authorization(type, user, header, auth.secret(secretKey));
    try {
      made.field();
    } catch (SinkException e) {
      throw auth.wrong(secretKey, e.getMessage());
    }
    return made;
  }

  private static String user(Options auth) throws SinkException {
    String user = auth.text("user");
    // RFC 7617, section 2: a colon ends the name.
    if (user.isEmpty() || user.contains(":") || user.chars().anyMatch(Character::isISOControl)) {
      throw auth.wrong("user", "expected a name without a colon or control characters");
    }
    return user;
  }

  /** The field for a request that is made now. */
  Field field() throws SinkException {
    String value = secret.value();
    String whole =
        switch (type) {
          case "basic" ->
              "Basic "
                  + Base64.getEncoder()
                      .encodeToString((user + ":" + value).getBytes(StandardCharsets.UTF_8));
          case "bearer" -> "Bearer " + value;
          case "splunk" -> "Splunk " + value;
          default -> value;
        };
    if (!HeaderRules.isValue(whole)) {
      throw SinkException.temporary(secret + " holds characters that no header can have", null);
    }
    return new Field(header, whole);
  }

  @Override
  public String toString() {
    return type + " with " + secret;
  }
}
