package ansim.edge.keys;

import ansim.edge.keys.TrustState.Wish;
import java.time.Duration;
import java.time.Instant;

/**
 * What an enrolment or a renewal does next: a pure function of what lies in the folder. Each step leaves the folder so that the same
 * function finds the following one, whenever the process ends; a step that was done and not noticed is done again and gives the same.
 */
public enum Step {
    FIND_AUTHORITY("asking which authority the hub has"),
    MAKE_TLS_KEY("making the key for connections"),
    ENROL("asking for a certificate"),
    RENEW("asking for the next certificate"),
    TAKE_TLS("taking the certificate into use"),
    FETCH_HUB("asking for the hub's own keys and addresses"),
    MAKE_MESSAGE_KEY("making the key that signs messages"),
    REQUEST("signing the request to register it"),
    REGISTER("registering the key that signs messages"),
    TAKE_MESSAGE("taking the key that signs messages into use"),
    FORGET_CLAIM("forgetting the code"),
    NOTHING("nothing to do");

    private final String text;

    Step(String text) {
        this.text = text;
    }

    /** For a person who waits. */
    public String text() {
        return text;
    }

    /**
     * What is due.
     *
     * @param certificate a new certificate
     * @param messageKey a new message key
     * @param hub who the hub is
     * @param ended the certificate has ended: nothing but a new one is possible
     */
    record Due(boolean certificate, boolean messageKey, boolean hub, boolean ended) {
        /**
         * By the time of the hub, never by GNSS.
         *
         * @param messageKeyAge after which a message key is replaced
         */
        static Due of(TrustState state, Instant now, Duration messageKeyAge) {
            boolean identified = state.identity().isPresent();
            boolean old = state.signerSince()
                    .map(since -> !now.isBefore(since.plus(messageKeyAge)))
                    .orElse(false);
            return new Due(
                    state.wishes().contains(Wish.CERTIFICATE) || !now.isBefore(state.renewalDue()),
                    state.wishes().contains(Wish.MESSAGE_KEY) || old,
                    state.wishes().contains(Wish.HUB),
                    identified && !now.isBefore(state.certificateEnd()));
        }
    }

    /** The next step; {@link #NOTHING} when all is as it should be. */
    static Step next(TrustState state, Due due) {
        if (state.tlsToTake()) {
            return TAKE_TLS;
        }
        if (state.messageToTake()) {
            return TAKE_MESSAGE;
        }
        boolean nextTls = state.nextTls().key().isPresent();
        if (state.identity().isEmpty()) {
            return state.authorities().isEmpty() ? FIND_AUTHORITY : nextTls ? ENROL : MAKE_TLS_KEY;
        }
        if (nextTls || due.certificate()) {
            return nextTls ? RENEW : MAKE_TLS_KEY;
        }
        if (due.ended()) {
            return NOTHING;
        }
        TrustState.Hub hub = state.hub();
        if (hub.key().isEmpty() || hub.address().isEmpty() || due.hub()) {
            return FETCH_HUB;
        }
        boolean nextMessage = state.nextMessage().key().isPresent();
        if (nextMessage || state.message().key().isEmpty() || due.messageKey()) {
            return !nextMessage ? MAKE_MESSAGE_KEY : state.requested() ? REGISTER : REQUEST;
        }
        return state.claim().isPresent() ? FORGET_CLAIM : NOTHING;
    }
}
