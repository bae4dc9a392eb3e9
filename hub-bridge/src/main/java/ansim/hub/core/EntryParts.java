package ansim.hub.core;

/**
 * A log entry encoded in two parts, of which the second is to be sealed, in a buffer that is used for one entry after the other. One thread at a time.
 */
public final class EntryParts {
    private final Cbor.Out out = new Cbor.Out();
    private int clearBytes;

    /**
     * Encodes an entry in place of the one before.
     *
     * @param whole whether the message itself is in the second part, or only what the hub says of it
     */
    public void encode(LogEntry entry, boolean whole) {
        out.clear();
        SealedCodec.writeClear(out, entry, whole);
        clearBytes = out.size();
        SealedCodec.writeSecret(out, entry, whole);
    }

    /** Both parts, one behind the other; not to be changed, and good until the next entry is encoded. */
    public byte[] shared() {
        return out.shared();
    }

    /** Of the first part. */
    public int clearBytes() {
        return clearBytes;
    }

    /** Of the second. */
    public int secretBytes() {
        return out.size() - clearBytes;
    }
}
