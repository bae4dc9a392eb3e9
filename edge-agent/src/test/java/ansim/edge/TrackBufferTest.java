package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.Reading.Fix;
import ansim.profile.Reading.Quality;
import ansim.wire.Batch;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.Track;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Fixes become few and small records. */
class TrackBufferTest {
    private static final Id8 RIDE = new Id8(9);

    private final TrackBuffer buffer = new TrackBuffer();

    private static Fix fix(int lat, int lon) {
        return new Fix(1_790_000_000_000L, false, lat, lon, OptionalInt.empty(), OptionalInt.empty(), Quality.NONE);
    }

    private static Track track(Draft draft) {
        return (Track) draft.body();
    }

    @Test
    void aSteadySecondIsOneRecordWhateverTheJitterOfTheLine() {
        Random random = new Random(1);
        for (int i = 0; i < 30; i++) {
            buffer.add(fix(i, -i), 10_000 + i * 1_000L + random.nextInt(400), Optional.of(RIDE));
        }
        List<Draft> records = buffer.seal();
        assertEquals(1, records.size());
        assertEquals(30, track(records.get(0)).fixes().size());
        assertEquals(1_000, track(records.get(0)).stepMs());
        assertEquals(Optional.of(RIDE), track(records.get(0)).ride());
        assertTrue(buffer.seal().isEmpty());
    }

    @Test
    void aTunnelBeginsAnotherRecord() {
        for (int i = 0; i < 5; i++) {
            buffer.add(fix(i, i), i * 1_000L, Optional.empty());
        }
        for (int i = 0; i < 5; i++) {
            buffer.add(fix(i, i), 60_000 + i * 1_000L, Optional.empty());
        }
        List<Draft> records = buffer.seal();
        assertEquals(2, records.size());
        assertEquals(60_000, records.get(1).monoMs());
    }

    /** A receiver without almanac jumped over half the globe: the difference overflowed, and the agent ended. */
    @Test
    void aJumpOverHalfTheGlobeBeginsAnotherRecord() {
        buffer.add(fix(375_000_000, 1_269_780_000), 1_000, Optional.empty());
        buffer.add(fix(375_000_000, -1_219_611_000), 2_000, Optional.empty());
        buffer.add(fix(375_000_000, -1_219_611_100), 3_000, Optional.empty());
        List<Draft> records = buffer.seal();
        assertEquals(2, records.size());
        assertEquals(1, track(records.get(0)).fixes().size());
        assertEquals(2, track(records.get(1)).fixes().size());
        assertEquals(2_000, records.get(1).monoMs());
    }

    @Test
    void theLongestJumpThatIsADifferenceStaysInTheRecord() {
        buffer.add(fix(900_000_000, 1_800_000_000), 1_000, Optional.empty());
        buffer.add(fix(-900_000_000, 1_800_000_000 - Integer.MAX_VALUE), 2_000, Optional.empty());
        buffer.add(fix(900_000_000, 1_800_000_000), 3_000, Optional.empty());
        buffer.add(fix(900_000_000, -1_800_000_000), 4_000, Optional.empty());
        assertEquals(2, buffer.seal().size());
    }

    @Test
    void fiveFixesASecondKeepTheirStep() {
        for (int i = 0; i < 20; i++) {
            buffer.add(fix(i, i), i * 200L, Optional.empty());
        }
        List<Draft> records = buffer.seal();
        assertEquals(1, records.size());
        assertEquals(200, track(records.get(0)).stepMs());
    }

    @Test
    void itIsDueAfterTheSettingOrWhenItIsFull() {
        assertFalse(buffer.due(1_000_000, 30_000));
        buffer.add(fix(1, 1), 1_000, Optional.empty());
        assertFalse(buffer.due(30_999, 30_000));
        assertTrue(buffer.due(31_000, 30_000));
        for (int i = 0; i < TrackBuffer.FIXES_MAX; i++) {
            buffer.add(fix(i, i), 1_000, Optional.empty());
        }
        assertTrue(buffer.due(1_001, 30_000));
    }

    @Test
    void theWorstFullBufferIsStillAMessage() {
        Random random = new Random(2);
        for (int i = 0; i < TrackBuffer.FIXES_MAX; i++) {
            buffer.add(
                    fix(random.nextInt(1_800_000_000) - 900_000_000, random.nextInt(1_800_000_000)),
                    i * 30_011L,
                    Optional.of(RIDE));
        }
        byte[] bytes = sign(buffer.seal());
        assertTrue(bytes.length <= UpMessage.MAX_BYTES, "bytes: " + bytes.length);
    }

    @Test
    void thirtyFixesOfADriveTakeAtMost16BytesEachAndSixty12() {
        for (int count : new int[] {30, 60}) {
            Random random = new Random(3);
            int lat = 375_000_000;
            int lon = 1_270_000_000;
            for (int i = 0; i < count; i++) {
                lat += 1_100 + random.nextInt(400);
                lon -= 900 + random.nextInt(400);
                buffer.add(fix(lat, lon), i * 1_000L, Optional.of(RIDE));
            }
            int limit = count == 30 ? 16 : 12;
            int bytes = sign(buffer.seal()).length;
            assertTrue(bytes <= limit * count, count + " fixes: " + bytes);
        }
    }

    private static byte[] sign(List<Draft> records) {
        long m0 = records.get(0).monoMs();
        Batch batch = new Batch(
                new Id16(1, 2),
                new Id8(3),
                Lane.TRACK,
                new Id8(4),
                1_000,
                Optional.of(new Id16(5, 6)),
                TimeQuality.GNSS,
                1_790_000_000_000L,
                m0,
                records.stream()
                        .map(draft -> new UpRecord(draft.monoMs() - m0, draft.body()))
                        .toList(),
                OptionalLong.of(3),
                false,
                false);
        return UpMessage.sign(batch, SigningKey.generate(new SecureRandom())).bytes();
    }
}
