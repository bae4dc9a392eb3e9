package ansim.hub.enrol;

/** A request that is refused. Its words go to whoever asked: nothing personal, nothing that helps to guess. */
final class Denied extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why, and with which HTTP status. Each is counted. */
    enum Reason {
        BUSY(503, "too much at once, try again in a few seconds"),
        TOO_MANY_CONNECTIONS(503, "too many connections"),
        CLOSED(429, "too many wrong tries, try again in an hour"),
        REQUEST(400, "not a request that this understands"),
        CREDENTIALS(401, "HTTP Basic with SERIAL/LOCATOR and the claim's secret is needed"),
        CLAIM(401, "no such claim, or not its secret"),
        CLAIM_EXPIRED(401, "the claim was not used in time"),
        CLAIM_REVOKED(401, "the claim was taken back"),
        CLAIM_USED(401, "the claim is used"),
        CLAIM_OTHER_SERIAL(401, "the claim is another box's"),
        CLAIM_OTHER_KEY(401, "the box has begun with another key"),
        NO_SUCH_LOCATOR(404, "no such claim"),
        CERTIFICATE(401, "a certificate that this hub issued to a unit is needed"),
        CERTIFICATE_EXPIRED(403, "the certificate has ended: simplereenroll first"),
        CERTIFICATE_SUPERSEDED(403, "the certificate's key was replaced"),
        NOT_A_UNIT(403, "no such unit"),
        SHUT_OUT(403, "the unit is shut out"),
        KEY_REQUEST(400, "not a registration of a message key"),
        KEY_OTHER_UNIT(403, "the registration names another unit than the certificate"),
        KEY_UNSIGNED(403, "the unit has a message key: it must sign the registration, too"),
        KEY_TAKEN(409, "the key is another unit's, or the unit has had too many"),
        PIN(401, "no such PIN, or it was used or has ended"),
        FITTER(401, "sign in with a PIN first"),
        PICK(409, "that claim is not open any more"),
        DEFECT(500, "the hub could not do it");

        private final int status;
        private final String words;

        Reason(int status, String words) {
            this.status = status;
            this.words = words;
        }

        int status() {
            return status;
        }

        String words() {
            return words;
        }
    }

    private final Reason reason;

    Denied(Reason reason) {
        super(reason.words());
        this.reason = reason;
    }

    /** With what exactly was wrong. */
    Denied(Reason reason, String detail) {
        super(reason.words() + ": " + detail);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
