package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.function.Consumer;

/**
 * u-blox receivers that speak UBX, NMEA 0183 or both (u-blox 8/M8 receiver description including protocol specification,
 * R24, chapter 32). UBX-NAV-PVT makes the fixes: gnssFixOK, a fix type of 2 to 4, and date and time valid. Receivers before
 * u-blox 7 have no NAV-PVT; theirs come from NAV-SOL or NAV-STATUS with NAV-POSLLH, dated by NAV-TIMEUTC, NAV-TIMEGPS or NAV-SOL.
 *
 * <p>While binary messages that can make fixes come, and for {@code binary-first} after the last, text makes none; then it does, by
 * the rules of {@link Nmea0183}. No epoch gives two fixes, and no fix is repeated.
 *
 * <p>UBX-MON-HW and UBX-MON-RF tell of an antenna that is open or shorted and of jamming; so does a TXT sentence of the antenna.
 */
final class UbxNmea implements Decoder {
    /** From which jamming state on it is a fault: interference is seen, or it is seen and there is no fix. */
    enum Jamming {
        WARNING(2),
        CRITICAL(3);

        private final int state;

        Jamming(int state) {
            this.state = state;
        }
    }

    /**
     * Options.
     *
     * @param fixFrom the text sentence that makes a fix; gga, gns and gll take the date from ZDA
     * @param lostAfter so long without a fix, and there is none
     * @param epochGap a silence that ends an epoch
     * @param notBefore a date before this one has lost 1,024-week periods, which are added: raised with each release
     * @param binaryFirst so long after a binary message that can make a fix, text makes none
     * @param jamming from which state on it is a fault
     */
    record Options(
            @Default("rmc") Nmea0183.FixFrom fixFrom,
            @Default("3s") @Range(min = 500, max = 600_000) Duration lostAfter,
            @Default("250ms") @Range(min = 50, max = 5_000) Duration epochGap,
            @Default("2026-01-01") LocalDate notBefore,
            @Default("2s") @Range(min = 500, max = 600_000) Duration binaryFirst,
            @Default("critical") Jamming jamming) {}

    /** Times that are nearer to each other are of one epoch, told in text and in binary: text has 1/100 s. */
    private static final long SAME_EPOCH_MS = 20;

    private static final int RF_BEGIN = 4;
    private static final int RF_BLOCK = 24;
    private static final int ANTENNA_OK = 1 << 2;
    private static final int ANTENNA_SHORT = 1 << 3;
    private static final int ANTENNA_OPEN = 1 << 4;
    private static final int LAST_STATE = 4;

    private static final long NOTHING = NmeaSentence.NOTHING;

    private final Nmea0183 text;
    private final UbxEpoch epoch;
    private final UbxNav nav;
    private final FaultLatch antenna = new FaultLatch(Reading.Fault.What.ANTENNA);
    private final FaultLatch jammed = new FaultLatch(Reading.Fault.What.JAMMING);
    private final Consumer<Reading> fromText = this::takeText;
    private final int jammedFrom;
    private final long lostAfterMs;
    private final long epochGapMs;
    private final long binaryFirstMs;

    private Consumer<Reading> sink = reading -> {};
    private long nowMs;
    private long binaryMs = NOTHING;
    private long lastFixMs = NOTHING;
    private long givenTimeMs = NOTHING;
    private boolean givenByText;
    private boolean lost;

    UbxNmea(Options options) {
        Nmea0183.Options ofText =
                new Nmea0183.Options(options.fixFrom(), options.lostAfter(), options.epochGap(), options.notBefore());
        text = new Nmea0183(ofText, antenna);
        epoch = new UbxEpoch(
                options.notBefore().atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli());
        nav = new UbxNav(epoch);
        jammedFrom = options.jamming().state;
        lostAfterMs = options.lostAfter().toMillis();
        epochGapMs = options.epochGap().toMillis();
        binaryFirstMs = options.binaryFirst().toMillis();
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        if (length == 0 || frame[0] != UbxNmeaFramer.SYNC_1) {
            return text.checkFrame(frame, length);
        }
        boolean whole = length >= UbxNmeaFramer.AROUND
                && frame[1] == UbxNmeaFramer.SYNC_2
                && LeBytes.u2(frame, 4) == length - UbxNmeaFramer.AROUND;
        return whole && UbxNmeaFramer.checks(frame, 0, length) ? Reject.NONE : Reject.CHECKSUM;
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> to) {
        nowMs = monoMs;
        sink = to;
        if (frame[0] != UbxNmeaFramer.SYNC_1) {
            return text.decodeBody(frame, length, monoMs, fromText);
        }
        UbxMessage message = UbxMessage.of(frame);
        if (!message.fits(length)) {
            return Reject.MALFORMED;
        }
        if (message.ofNavigation()) {
            return navigation(message, frame);
        }
        if (message == UbxMessage.MON_HW) {
            monHw(frame);
        } else if (message == UbxMessage.MON_RF) {
            return monRf(frame, length);
        }
        return Reject.NONE;
    }

    @Override
    public boolean resume(Reading.Fault.What fault) {
        return antenna.resume(fault) || jammed.resume(fault);
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> to) {
        nowMs = monoMs;
        sink = to;
        if (lastFixMs == NOTHING) {
            lastFixMs = monoMs;
        }
        if (monoMs - lastByteMs >= epochGapMs) {
            endEpoch();
        }
        text.tick(monoMs, lastByteMs, fromText);
        if (!lost && monoMs - lastFixMs >= lostAfterMs) {
            lost = true;
            sink.accept(new Reading.NoFix());
        }
    }

    @Override
    public Set<Reject> rejects() {
        return text.rejects();
    }

    private Reject navigation(UbxMessage message, byte[] frame) {
        long timeOfWeekMs = message.timeOfWeekMs(frame);
        if (epoch.otherThan(timeOfWeekMs) || epoch.toldBy(message)) {
            endEpoch();
            epoch.begin(timeOfWeekMs, nowMs);
        }
        Reject verdict = nav.take(message, frame);
        if (message == UbxMessage.NAV_PVT || epoch.complete()) {
            binaryMs = nowMs;
        }
        if (message == UbxMessage.NAV_EOE) {
            endEpoch();
        }
        return verdict;
    }

    private void endEpoch() {
        epoch.fix(nowMs).ifPresent(fix -> give(fix, false));
        epoch.clear(nowMs);
    }

    /** What text says while binary speaks is not lost on the antenna, only on the fix. */
    private void takeText(Reading reading) {
        if (reading instanceof Reading.Fix fix) {
            if (binaryMs == NOTHING || nowMs - binaryMs >= binaryFirstMs) {
                give(fix, true);
            }
        } else if (reading.type() != Reading.Type.NO_FIX) {
            sink.accept(reading);
        }
    }

    private void give(Reading.Fix fix, boolean byText) {
        long apartMs = givenTimeMs == NOTHING ? Long.MAX_VALUE : Math.abs(fix.timeMs() - givenTimeMs);
        if (apartMs == 0 && byText == givenByText) {
            return;
        }
        lastFixMs = nowMs;
        if (byText == givenByText || apartMs > SAME_EPOCH_MS) {
            givenTimeMs = fix.timeMs();
            givenByText = byText;
            lost = false;
            sink.accept(fix);
        }
    }

    /** MON-HW: 20 the antenna's state, 22 flags, bits 2 and 3 the jamming state. */
    private void monHw(byte[] frame) {
        antenna(state(frame, UbxNmeaFramer.HEADER + 20));
        jammed.set((LeBytes.u1(frame, UbxNmeaFramer.HEADER + 22) >> 2 & 3) >= jammedFrom, sink);
    }

    /** MON-RF: 1 number of blocks; of each 24 bytes from 4 on: 1 flags, bits 0 and 1 the jamming state, 2 the antenna's state. */
    private Reject monRf(byte[] frame, int length) {
        int blocks = LeBytes.u1(frame, UbxNmeaFramer.HEADER + 1);
        if (length < UbxNmeaFramer.AROUND + RF_BEGIN + blocks * RF_BLOCK) {
            return Reject.MALFORMED;
        }
        int antennas = 0;
        int jamming = 0;
        for (int i = 0; i < blocks; i++) {
            int at = UbxNmeaFramer.HEADER + RF_BEGIN + i * RF_BLOCK;
            antennas |= state(frame, at + 2);
            jamming = Math.max(jamming, LeBytes.u1(frame, at + 1) & 3);
        }
        antenna(antennas);
        jammed.set(jamming >= jammedFrom, sink);
        return Reject.NONE;
    }

    private static int state(byte[] frame, int at) {
        int state = LeBytes.u1(frame, at);
        return state <= LAST_STATE ? 1 << state : 0;
    }

    /** A set of states: 0 init, 1 unknown, 2 ok, 3 shorted, 4 open. While the antenna is being looked at, nothing changes. */
    private void antenna(int states) {
        if ((states & (ANTENNA_SHORT | ANTENNA_OPEN)) != 0) {
            antenna.set(true, sink);
        } else if ((states & ANTENNA_OK) != 0) {
            antenna.set(false, sink);
        }
    }
}
