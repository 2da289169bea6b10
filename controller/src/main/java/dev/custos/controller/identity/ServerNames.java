package dev.custos.controller.identity;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What agents may know the controller by. */
public final class ServerNames {
  private static final Pattern ADDRESS = Pattern.compile("[0-9]+(\\.[0-9]+){3}|[0-9a-fA-F:.]*:.*");
  private static final Pattern VALID =
      Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?|[0-9a-fA-F:.]{2,45}");

  private ServerNames() {}

  /** Those that the service of the shipped manifests gives it in its namespace, and others. */
  public static List<String> of(String namespace, List<String> others) {
    List<String> names = new ArrayList<>();
    String service = "custos-controller";
    names.add(service);
    names.add(service + "." + namespace);
    names.add(service + "." + namespace + ".svc");
    names.add(service + "." + namespace + ".svc.cluster.local");
    others.stream().filter(name -> !names.contains(name)).forEach(names::add);
    return names;
  }

  /** Whether it can stand in a certificate: a DNS name or an IP address. */
  public static boolean isValid(String name) {
    return VALID.matcher(name).matches();
  }

  static boolean isAddress(String name) {
    return ADDRESS.matcher(name).matches();
  }

  /** Whether a certificate is good for all of them. */
  static boolean coveredBy(X509Certificate certificate, List<String> names) {
    Set<String> covered = new HashSet<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        alternatives.forEach(entry -> covered.add(canonical(String.valueOf(entry.get(1)))));
      }
    } catch (CertificateParsingException e) {
      return false;
    }
    return names.stream().map(ServerNames::canonical).allMatch(covered::contains);
  }

  // The JDK gives IPv6 addresses back in their longest form.
  private static String canonical(String name) {
    if (!isAddress(name) || !name.contains(":")) {
      return name.toLowerCase(Locale.ROOT);
    }
    try {
      // An address, not a name: nothing is looked up.
      return java.net.InetAddress.getByName(name).getHostAddress();
    } catch (java.net.UnknownHostException e) {
      return name;
    }
  }
}
