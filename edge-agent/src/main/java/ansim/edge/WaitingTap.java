package ansim.edge;

import ansim.wire.Bytes;
import ansim.wire.Pos;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A tap on a ride that has a name. It waits for the lamp; what it turns out to be is told of the moment and the place of the tap.
 *
 * @param next the ride that it would open, already knowing the card
 * @param digest the card under the key of the ride that was on when it was read
 * @param atMs CLOCK_MONOTONIC ms of the tap; after a new boot the moment of the restart
 * @param untilMs so long it waits
 * @param atSpeed it came while driving
 * @param place where it came, if that was known
 * @param forNext the card sealed for the ride that it would open
 * @param forThis the card sealed for the ride that was on
 */
record WaitingTap(
        Fare next,
        short digest,
        long atMs,
        long untilMs,
        boolean atSpeed,
        Optional<Pos> place,
        Optional<Bytes> forNext,
        Optional<Bytes> forThis) {
    private static final int NOT_SAID = -1;

    /** Of another boot: nobody knows how long ago it was, so it waits no longer. */
    WaitingTap over(long nowMs) {
        return new WaitingTap(next, digest, nowMs, nowMs - 1, atSpeed, place, forNext, forThis);
    }

    void write(DataOutputStream out) throws IOException {
        next.write(out);
        out.writeShort(digest);
        out.writeLong(atMs);
        write(out, forNext);
        write(out, forThis);
        out.writeBoolean(atSpeed);
        out.writeBoolean(place.isPresent());
        if (place.isPresent()) {
            out.writeInt(place.get().latE7());
            out.writeInt(place.get().lonE7());
            out.writeInt(place.get().haccDm().orElse(NOT_SAID));
        }
    }

    private static void write(DataOutputStream out, Optional<Bytes> sealed) throws IOException {
        byte[] bytes = sealed.map(Bytes::toByteArray).orElse(new byte[0]);
        out.writeByte(bytes.length);
        out.write(bytes);
    }

    /** Of a ride's state of this version: the first one had no cards, the first two neither speed nor place. */
    static WaitingTap read(DataInputStream in, int version) throws IOException {
        Fare next = Fare.read(in);
        short digest = in.readShort();
        long atMs = in.readLong();
        Optional<Bytes> forNext = version < 2 ? Optional.empty() : readSealed(in);
        Optional<Bytes> forThis = version < 2 ? Optional.empty() : readSealed(in);
        boolean atSpeed = version >= 3 && in.readBoolean();
        Optional<Pos> place = version >= 3 && in.readBoolean() ? Optional.of(readPlace(in)) : Optional.empty();
        return new WaitingTap(next, digest, atMs, atMs + RideRules.WINDOW_MS, atSpeed, place, forNext, forThis);
    }

    private static Optional<Bytes> readSealed(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedByte()];
        in.readFully(bytes);
        return bytes.length == 0 ? Optional.empty() : Optional.of(Bytes.of(bytes));
    }

    private static Pos readPlace(DataInputStream in) throws IOException {
        int latE7 = in.readInt();
        int lonE7 = in.readInt();
        int haccDm = in.readInt();
        try {
            return new Pos(latE7, lonE7, haccDm == NOT_SAID ? OptionalInt.empty() : OptionalInt.of(haccDm));
        } catch (IllegalArgumentException e) {
            throw new IOException("the place of a tap: " + e.getMessage(), e);
        }
    }
}
