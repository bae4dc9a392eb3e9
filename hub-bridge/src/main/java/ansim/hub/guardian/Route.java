package ansim.hub.guardian;

/** Letters that are carried together: the alarms of a channel, or the rest of it. Immutable. */
record Route(boolean alarm, String channel) {
    /**
     * So many letters of a channel's alarms are on their way at once, each by a connection of its own: so many receivers may hang until a new alarm
     * waits for one of them, for as long as a way may take.
     */
    static final int ALARM_CARRIERS = 8;

    static final long LAST_RETRY_ALARM_MS = 300_000;
    static final long LAST_RETRY_NORMAL_MS = 900_000;

    String name() {
        return "guardian-" + (alarm ? "alarm-" : "") + channel;
    }

    int carriers() {
        return alarm ? ALARM_CARRIERS : 1;
    }

    /** Of what was tried before so many are on their way at once: receivers that hang every time leave half of the carriers to new alarms. */
    int repeating() {
        return (carriers() + 1) / 2;
    }

    /** A letter or a channel waits no longer than that for its next try. */
    long lastRetryMs() {
        return alarm ? LAST_RETRY_ALARM_MS : LAST_RETRY_NORMAL_MS;
    }
}
