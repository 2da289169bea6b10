package dev.custos.sinks.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Offers the client's certificate as it is at the moment of a handshake.
 *
 * <p>A handshake asks for an alias first, and for chain and key by that alias after. An alias
 * stands for one state of the files, so that no handshake gets the chain of one and the key of
 * another. The last few are kept for handshakes that are under way.
 */
final class ReloadingKeyManager extends X509ExtendedKeyManager {
  private static final int KEPT = 8;

  private final Reloaded<ClientIdentity> files;
  private final Map<String, ClientIdentity> byAlias = new ConcurrentHashMap<>();
  private final AtomicLong states = new AtomicLong();
  private ClientIdentity last;

  ReloadingKeyManager(Reloaded<ClientIdentity> files) {
    this.files = files;
  }

  // Another object is another state of the files, even if it should be equal.
  @SuppressWarnings("ReferenceEquality")
  private synchronized String choose(String[] keyTypes) {
    ClientIdentity identity = files.get();
    if (identity != last) {
      last = identity;
      long state = states.incrementAndGet();
      byAlias.put(alias(state), identity);
      byAlias.remove(alias(state - KEPT));
    }
    // The server's list of issuers is left aside: there is one certificate, and if it does not
    // suit, the server's refusal says more than a connection without one.
    boolean suits = List.of(keyTypes).contains(identity.key().getAlgorithm());
    return suits ? alias(states.get()) : null;
  }

  private static String alias(long state) {
    return "client-" + state;
  }

  @Override
  public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
    return choose(keyTypes);
  }

  @Override
  public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
    return choose(keyTypes);
  }

  @Override
  public String[] getClientAliases(String keyType, Principal[] issuers) {
    String alias = choose(new String[] {keyType});
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    ClientIdentity identity = byAlias.get(alias);
    return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    ClientIdentity identity = byAlias.get(alias);
    return identity == null ? null : identity.key();
  }

  @Override
  public String[] getServerAliases(String keyType, Principal[] issuers) {
    return null;
  }

  @Override
  public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
    return null;
  }
}
