package dev.custos.sinks.syslog;

/**
 * One frame of RELP: {@code TXNR SP COMMAND SP DATALEN [SP DATA] LF}.
 *
 * @param transaction 0 for a hint, which nobody answers
 * @param data decoded as ISO 8859-1: what is of interest in it is ASCII
 */
record RelpFrame(int transaction, String command, String data) {
  /** The largest transaction number; 1 comes after it. */
  static final int LAST_TRANSACTION = 999_999_999;

  /** What a {@code rsp} begins with: 200 for yes, 500 for no; 0 if it is no number. */
  int responseCode() {
    int code = 0;
    for (int i = 0; i < 3; i++) {
      char c = i < data.length() ? data.charAt(i) : 'x';
      if (c < '0' || c > '9') {
        return 0;
      }
      code = code * 10 + c - '0';
    }
    return code;
  }
}
