package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.profile.Reading.Fault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When a device that is not there is told of, and that it is told of once. */
class AbsenceTest {
    private static final Fault RAISED = new Fault(Fault.What.SILENT, true);
    private static final Fault ENDED = new Fault(Fault.What.SILENT, false);
    private static final byte[] FIX =
            "{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-23T08:00:00.000Z\",\"lat\":37.565,\"lon\":126.978}\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private final List<Reading> told = new ArrayList<>();
    private final Absence card = new Absence(Profile.load("reader-em4100").open());

    private List<Reading> faults() {
        return told.stream()
                .filter(reading -> reading.type() == Reading.Type.FAULT)
                .toList();
    }

    @Test
    void oneThatIsGoneFor10sIsToldOfOnceAndItsReturnOnce() {
        card.opened(0, told::add);
        card.present(told::add);
        for (long ms = 500; ms < 500 + Absence.GONE_MS; ms += 100) {
            card.absent(ms, told::add);
        }
        assertEquals(List.of(), told);
        for (int i = 0; i < 50; i++) {
            card.absent(500 + Absence.GONE_MS + i * 1_000L, told::add);
        }
        assertEquals(List.of(RAISED), told);
        card.opened(70_000, told::add);
        assertEquals(List.of(RAISED), told, "opened is not read");
        card.present(told::add);
        card.present(told::add);
        assertEquals(List.of(RAISED, ENDED), told);
    }

    @Test
    void aLoosePlugIsNotToldOf() {
        for (long ms = 0; ms < 10 * Absence.GONE_MS; ms += Absence.GONE_MS) {
            card.absent(ms, told::add);
            card.absent(ms + Absence.GONE_MS - 1, told::add);
            card.present(told::add);
        }
        assertEquals(List.of(), told);
    }

    @Test
    void whatAnEarlierRunToldOfEndsWhenTheDeviceIsThere() {
        card.resume(Set.of(Fault.What.SILENT), told::add);
        for (long ms = 0; ms < 2 * Absence.GONE_MS; ms += 1_000) {
            card.absent(ms, told::add);
        }
        assertEquals(List.of(), told);
        card.present(told::add);
        assertEquals(List.of(ENDED), told);
    }

    @Test
    void otherFaultsOfAnEarlierRunArePassedOn() {
        card.resume(Set.of(Fault.What.ANTENNA), told::add);
        assertEquals(List.of(new Fault(Fault.What.ANTENNA, false)), told);
    }

    @Test
    void theDecodersSilenceAndTheAbsenceAreOneFault() {
        Absence gnss = new Absence(Profile.load("gnss-gpsd").open());
        gnss.opened(0, told::add);
        gnss.present(told::add);
        gnss.tick(0, told::add);
        gnss.tick(11_000, told::add);
        assertEquals(List.of(RAISED), faults());
        for (long ms = 12_000; ms < 40_000; ms += 1_000) {
            gnss.absent(ms, told::add);
            gnss.tick(ms, told::add);
        }
        gnss.opened(40_000, told::add);
        gnss.present(told::add);
        assertEquals(List.of(RAISED), faults(), "it is there, and still says nothing");
        gnss.accept(FIX, 0, FIX.length, 41_000, told::add);
        gnss.tick(41_100, told::add);
        assertEquals(List.of(RAISED, ENDED), faults());
    }
}
