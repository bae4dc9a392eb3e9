package ansim.hub.model;

/**
 * One thing that happens.
 *
 * @param rule what
 * @param at a lane, a place in the link or a number of entries: what the rule says
 */
record Action(Rule rule, int at) {
    /** The names are those of the contract and of the code. */
    enum Rule {
        /** {@code LaneStore.append} before its fsync: into lane {@code at}. */
        APPEND(false),
        /** The fsync of lane {@code at}: what is on disk is acknowledged to people. */
        FORCE(false),
        /** {@code Forwarder.sendNew}: the next message of chain {@code at} within WINDOW. */
        SEND(false),
        /** The connection is made again: everything in flight goes again, and the hub greets with a receipt. */
        RECONNECT(false),
        /** The link loses message {@code at}; a link in order loses everything that is under way. */
        LOSE(true),
        /** The link repeats message {@code at}. */
        DUPLICATE(true),
        /** Message {@code at} reaches the hub: {@code Step.decide}. */
        ARRIVE(false),
        /** {@code HubLog.force}. */
        HUB_FORCE(false),
        /** {@code Committer.answer}: the receipts that are due. */
        RECEIPT(false),
        /** Receipt {@code at} is lost. */
        LOSE_RECEIPT(true),
        /** Receipt {@code at} comes a second time, later. */
        REPEAT_RECEIPT(true),
        /** {@code Receipts.receipt} with receipt {@code at}. */
        TAKE_RECEIPT(false),
        /** {@code Lanes.giveUpOldest}: the gap record about the oldest of lane {@code at}. */
        GIVE_UP(true),
        /** {@code LaneStore.dropOldest}: what is receipted, or explained on disk, of lane {@code at}. */
        DROP_OLDEST(false),
        /** Power gone; what was not forced leaves no trace. */
        CRASH(true),
        /** Power gone; the tails are torn, so that new chains begin. */
        CRASH_TORN(true),
        /** Power gone; the newest message of lane {@code at} cannot be read any more. */
        CRASH_DAMAGED(true),
        /** Somebody copies the card. */
        IMAGE(true),
        /** The copy is put in. */
        CARD_RESTORED(true),
        /** The hub loses what it has not forced. */
        HUB_CRASH(true),
        /** The hub comes back with its first {@code at} entries and a raised generation. */
        HUB_RESTORED(true);

        final boolean fault;

        Rule(boolean fault) {
            this.fault = fault;
        }
    }

    @Override
    public String toString() {
        return rule + " " + at;
    }
}
