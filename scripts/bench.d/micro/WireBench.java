package ansim.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Messages of the contract: a live position, and a track of 30 fixes. Signatures are {@code SignatureBench}. */
@State(Scope.Thread)
public class WireBench {
    private static final int FIXES = 30;
    private static final Id8 RIDE = new Id8(77);

    private final SigningKey key = SigningKey.fromSeed(new byte[32]);
    private final Batch position = batch(Lane.STATUS, position());
    private final Batch track = batch(Lane.TRACK, track());
    private final byte[] positionBytes = UpMessage.sign(position, key).bytes();
    private final byte[] trackBytes = UpMessage.sign(track, key).bytes();

    private static Body position() {
        return new Position(
                new Pos(375_300_000, 1_269_900_000, OptionalInt.of(40)),
                OptionalInt.of(1_400),
                OptionalInt.of(9_000),
                OptionalInt.of(1),
                OptionalInt.empty(),
                Optional.of(RIDE));
    }

    private static Body track() {
        List<Pos> fixes = new ArrayList<>();
        for (int i = 0; i < FIXES; i++) {
            fixes.add(Pos.of(375_300_000 + i * 1_021, 1_269_900_000 + i * 977));
        }
        return Track.through(fixes, 1_000, List.of(), Optional.of(RIDE));
    }

    private static Batch batch(Lane lane, Body body) {
        return new Batch(
                new Id16(1, 2),
                new Id8(5),
                lane,
                new Id8(6),
                1,
                Optional.empty(),
                TimeQuality.GNSS,
                1_700_000_000_000L,
                1_000,
                List.of(new UpRecord(0, body)),
                OptionalLong.empty(),
                false,
                false);
    }

    /** A signed position: for the benches of other packages. */
    public static UpMessage signedPosition(SigningKey key) {
        return UpMessage.sign(batch(Lane.STATUS, position()), key);
    }

    @Benchmark
    public byte[] encodePosition() {
        return CborOut.encode(position.fields());
    }

    @Benchmark
    public byte[] encodeTrack() {
        return CborOut.encode(track.fields());
    }

    @Benchmark
    public UpMessage decodePosition() throws WireException {
        return UpMessage.parse(positionBytes);
    }

    @Benchmark
    public UpMessage decodeTrack() throws WireException {
        return UpMessage.parse(trackBytes);
    }

    /** As the unit seals: encoded, signed, and read again before it is stored. */
    @Benchmark
    public UpMessage sealPosition() {
        return UpMessage.sign(position, key);
    }
}
