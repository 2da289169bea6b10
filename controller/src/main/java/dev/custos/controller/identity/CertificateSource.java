package dev.custos.controller.identity;

import java.io.IOException;

/** Where the server's key and certificate come from. */
interface CertificateSource {
  /**
   * Those that are to be used now; the same as before if nothing has changed.
   *
   * @throws CertificateFault if what is there is of no use
   * @throws IOException if it can't be had now
   */
  KeyMaterial read() throws CertificateFault, IOException;
}
