package dev.custos.agent.desired;

/** Whoever has to know which guards are in force, and may refuse one. Thread-safe. */
public interface GuardWarden {
  /** Lets everything pass. */
  GuardWarden NONE =
      new GuardWarden() {
        @Override
        public String admit(String target, String digest) {
          return "";
        }

        @Override
        public void released(String target) {
          // Nobody keeps books.
        }
      };

  /**
   * A plan is about to be in force for a target, in the place of the one before.
   *
   * @param digest the same for the same plan of the same target, and only for that
   * @return why it must not be; empty if it may
   */
  String admit(String target, String digest);

  /** Nothing is guarded in a target any more. */
  void released(String target);
}
