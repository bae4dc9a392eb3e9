package ansim.hub.core;

/** An input that was not taken into the log, for a reason that whoever brought it is to hear: not a failure of the hub. */
public final class RefusedInput extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Why {
        /** Nothing is known of such a ride: it never was, it is long forgotten, or it was erased. */
        UNKNOWN_RIDE("no such ride is known"),
        /** The ride has ended. */
        ENDED_RIDE("the ride has ended");

        private final String words;

        Why(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    private final Why why;

    public RefusedInput(Why why) {
        super(why.words, null, false, false);
        this.why = why;
    }

    /** Of what the step decided. */
    public static RefusedInput of(Output output) {
        for (Why each : Why.values()) {
            if (output.reason().filter(each.words::equals).isPresent()) {
                return new RefusedInput(each);
            }
        }
        throw new IllegalStateException("refused without a reason: " + output.disposition());
    }

    public Why why() {
        return why;
    }
}
