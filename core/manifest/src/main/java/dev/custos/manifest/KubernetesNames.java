package dev.custos.manifest;

import java.util.regex.Pattern;

/** What Kubernetes takes as names and labels ("Object Names and IDs", "Labels and Selectors"). */
final class KubernetesNames {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern QUALIFIED =
      Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

  private KubernetesNames() {}

  /** RFC 1123: at most 253 lower case letters, digits, {@code -} and {@code .}. */
  static boolean isSubdomain(String name) {
    if (name.length() > 253) {
      return false;
    }
    for (String part : name.split("\\.", -1)) {
      if (!part.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?")) {
        return false;
      }
    }
    return true;
  }

  /** RFC 1123: at most 63 lower case letters, digits and {@code -}. */
  static boolean isLabel(String name) {
    return LABEL.matcher(name).matches();
  }

  /** A label's key, with or without a prefix. */
  static boolean isLabelKey(String key) {
    int slash = key.indexOf('/');
    return (slash < 0 || isSubdomain(key.substring(0, slash)))
        && QUALIFIED.matcher(key.substring(slash + 1)).matches();
  }

  static boolean isLabelValue(String value) {
    return value.isEmpty() || QUALIFIED.matcher(value).matches();
  }
}
