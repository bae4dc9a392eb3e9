package ansim.hub.intake;

/** Is told how long things take. Called by many threads, and must not keep them. */
public interface IntakeWatch {
    /** Whoever does not want to know. */
    IntakeWatch NONE = new IntakeWatch() {
        @Override
        public void verified(long nanos) {
            // Nobody asks.
        }

        @Override
        public void committed(long nanos, int entries) {
            // Nobody asks.
        }
    };

    /** A signature was checked, right or wrong. */
    void verified(long nanos);

    /** Some entries were written and forced, on both disks if there are two. */
    void committed(long nanos, int entries);
}
