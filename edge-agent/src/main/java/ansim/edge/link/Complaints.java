package ansim.edge.link;

import java.net.UnknownHostException;

/** What people are told of a way that does not come up: each new reason once, and at most one in {@value #EVERY_MS} ms. One thread. */
final class Complaints {
    static final int EVERY_MS = 60_000;

    private String told = "";
    private long quietUntilMs = Long.MIN_VALUE;

    /** Whether this is to be told now; then it counts as told. */
    boolean due(String why, long nowMs) {
        if (why.equals(told) || nowMs < quietUntilMs) {
            return false;
        }
        told = why;
        quietUntilMs = nowMs + EVERY_MS;
        return true;
    }

    /** The way is up: what comes after that is new. */
    void forget() {
        told = "";
    }

    /** A reason in words; an address that nobody knows is told by Java with its bare name. */
    static String words(Throwable why) {
        String message = why.getMessage();
        if (why instanceof UnknownHostException && message != null) {
            return "no such name, or no DNS: " + message.split(":", 2)[0];
        }
        return message == null ? why.toString() : message;
    }
}
