package ansim.hub.guardian;

import ansim.hub.vault.Letter;

/** How letters of one channel get to whom they are for. One thread at a time; every wait in it is bounded. */
interface Way extends AutoCloseable {
    /** What became of one letter. */
    enum Verdict {
        /** Somebody else has it. */
        SENT,
        /** This one will never be taken. */
        REFUSED,
        /** This one not now. */
        LATER,
        /** None of this channel now. */
        UNREACHABLE
    }

    /** A verdict, and what was said to it. */
    record Outcome(Verdict verdict, String why) {
        static final Outcome SENT = new Outcome(Verdict.SENT, "");
    }

    Outcome send(Letter letter, Text text);

    @Override
    void close();
}
