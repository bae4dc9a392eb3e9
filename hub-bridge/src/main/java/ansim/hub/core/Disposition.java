package ansim.hub.core;

/** What the step makes of an input. */
public enum Disposition implements Numbered {
    /** Appended to the log, receipted, and delivered if it has an event. */
    STORED(1, true),
    /** Other bytes under a number that is known already (a cloned or restored card): as stored, under an id of its own. */
    FORK(2, true),
    /** Breaks a rule in lanes 2 to 4: appended and receipted, shown with the reason, not delivered. */
    QUARANTINED(3, true),
    /** These very bytes are stored already: receipted again, nothing else. */
    DUPLICATE(4, false),
    /** Numbers before this one are missing and no gap record explains them: answered with what the hub holds, not stored. */
    HOLE(5, false),
    /** Unit unknown, revoked, or registered with another key at this place of the log: neither stored nor answered. */
    REFUSED(6, false),
    /** Too old for the state to tell: walk the log by {@link Output#lookup} and decide again with the answer. */
    NEEDS_LOOKUP(7, false);

    private final int number;
    private final boolean logged;

    Disposition(int number, boolean logged) {
        this.number = number;
        this.logged = logged;
    }

    @Override
    public int number() {
        return number;
    }

    /** Whether the input goes into the log. */
    public boolean logged() {
        return logged;
    }
}
