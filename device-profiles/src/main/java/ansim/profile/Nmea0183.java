package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * GNSS receivers that speak NMEA 0183. Any talker is taken for RMC, GGA, GNS, GLL, GSA, VTG and ZDA; every other sentence with a
 * right checksum is accepted and says nothing.
 *
 * <p>A fix comes only from the sentence named by {@code fix-from}: RMC with status A and a mode other than N. Whatever it is, a fix
 * does not count while the epoch's RMC says V: receivers in the field claim the one while they deny the other. Sentences of the same time of
 * day are one epoch; it ends with the first sentence of another time, or when the line has been silent for {@code epoch-gap}.
 * Where several sentences of an epoch give a position, the last one stands: receivers are in the field whose RMC has the new
 * time and the old position, and gpsd reports the last one, too.
 *
 * <p>A u-blox receiver says {@code ANTSTATUS=OPEN} or {@code SHORT} in a TXT sentence when its antenna is cut off or shorted, and
 * {@code OK} when it is there again.
 */
final class Nmea0183 implements Decoder {
    /** The sentence that makes a fix. */
    enum FixFrom {
        RMC,
        GGA,
        GNS,
        GLL
    }

    /**
     * Options.
     *
     * @param fixFrom the sentence that makes a fix; gga, gns and gll take the date from ZDA
     * @param lostAfter so long without a fix, and there is none
     * @param epochGap a silence that ends an epoch
     * @param notBefore a date before this one has lost 1,024-week periods, which are added: raised with each release
     */
    record Options(
            @Default("rmc") FixFrom fixFrom,
            @Default("3s") @Range(min = 500, max = 600_000) Duration lostAfter,
            @Default("250ms") @Range(min = 50, max = 5_000) Duration epochGap,
            @Default("2026-01-01") LocalDate notBefore) {}

    private static final int CHECKSUM_DIGITS = 3;
    private static final char ESTIMATED = '6';

    private final FixFrom fixFrom;
    private final NmeaSentence sentence = new NmeaSentence();
    private final NmeaEpoch epoch;
    private final FaultLatch antenna;

    Nmea0183(Options options) {
        this(options, new FaultLatch(Reading.Fault.What.ANTENNA));
    }

    /** With an antenna of which somebody else tells, too. */
    Nmea0183(Options options, FaultLatch antenna) {
        fixFrom = options.fixFrom();
        epoch = new NmeaEpoch(options);
        this.antenna = antenna;
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        int star = length - CHECKSUM_DIGITS;
        if (star < 1 || frame[star] != '*') {
            return contains(frame, length, (byte) '*') ? Reject.CHECKSUM : Reject.NO_CHECKSUM;
        }
        int xor = 0;
        for (int i = 1; i < star; i++) {
            xor ^= frame[i];
        }
        return Hex.octet(frame[star + 1], frame[star + 2]) == xor ? Reject.NONE : Reject.CHECKSUM;
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        sentence.read(frame, length - CHECKSUM_DIGITS);
        if (sentence.is('R', 'M', 'C')) {
            return rmc(monoMs, sink);
        } else if (sentence.is('G', 'G', 'A')) {
            return gga(monoMs, sink);
        } else if (sentence.is('G', 'N', 'S')) {
            return gns(monoMs, sink);
        } else if (sentence.is('G', 'L', 'L')) {
            return gll(monoMs, sink);
        } else if (sentence.is('G', 'S', 'A')) {
            epoch.gsa(sentence.decimal(2, 0), sentence.decimal(16, 2));
        } else if (sentence.is('V', 'T', 'G') && (fixFrom != FixFrom.RMC || epoch.lacksSpeed())) {
            epoch.motion(sentence.decimal(5, 3), sentence.decimal(1, 2));
        } else if (sentence.is('Z', 'D', 'A')) {
            epoch.date(sentence.date(2, 3, 4), sentence.timeOfDayMs(1), monoMs);
        } else if (sentence.is('T', 'X', 'T')) {
            txt(sink);
        }
        return Reject.NONE;
    }

    @Override
    public boolean resume(Reading.Fault.What fault) {
        return antenna.resume(fault);
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        epoch.tick(monoMs, lastByteMs, sink);
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.CHECKSUM, Reject.NO_CHECKSUM, Reject.MALFORMED, Reject.UNDATED);
    }

    /** RMC: 1 time, 2 status, 3..6 position, 7 knots, 8 course, 9 date, 12 mode. */
    private Reject rmc(long monoMs, Consumer<Reading> sink) {
        long time = sentence.timeOfDayMs(1);
        epoch.at(time, monoMs, sink);
        boolean denied = sentence.letter(2) != 'A' || sentence.letter(12) == 'N';
        if (denied && fixFrom != FixFrom.RMC) {
            epoch.deny();
        }
        if (denied || fixFrom != FixFrom.RMC) {
            return Reject.NONE;
        }
        Reject verdict = position(FixFrom.RMC, 3, sentence.date(9), monoMs);
        if (verdict == Reject.NONE) {
            epoch.motion(sentence.decimal(7, 3), sentence.decimal(8, 2));
        }
        return verdict;
    }

    /** GGA: 1 time, 2..5 position, 6 quality, 7 satellites, 8 HDOP, 9 altitude. */
    private Reject gga(long monoMs, Consumer<Reading> sink) {
        epoch.at(sentence.timeOfDayMs(1), monoMs, sink);
        epoch.gga(sentence.decimal(7, 0), sentence.decimal(8, 2), sentence.decimal(9, 1));
        char quality = sentence.letter(6);
        return quality < '1' || quality > ESTIMATED
                ? Reject.NONE
                : position(FixFrom.GGA, 2, epoch.dateNow(monoMs), monoMs);
    }

    /** GNS: 1 time, 2..5 position, 6 a mode per system, 7 satellites, 8 HDOP, 9 altitude. */
    private Reject gns(long monoMs, Consumer<Reading> sink) {
        epoch.at(sentence.timeOfDayMs(1), monoMs, sink);
        if (fixFrom == FixFrom.GNS) {
            epoch.gga(sentence.decimal(7, 0), sentence.decimal(8, 2), sentence.decimal(9, 1));
        }
        return sentence.anyButN(6) ? position(FixFrom.GNS, 2, epoch.dateNow(monoMs), monoMs) : Reject.NONE;
    }

    /** GLL: 1..4 position, 5 time, 6 status, 7 mode. */
    private Reject gll(long monoMs, Consumer<Reading> sink) {
        epoch.at(sentence.timeOfDayMs(5), monoMs, sink);
        if (sentence.letter(6) != 'A' || sentence.letter(7) == 'N') {
            return Reject.NONE;
        }
        return position(FixFrom.GLL, 1, epoch.dateNow(monoMs), monoMs);
    }

    /** TXT: 4 the text. What is said while the antenna is being looked at (INIT, DONTKNOW) changes nothing. */
    private void txt(Consumer<Reading> sink) {
        if (sentence.text(4, "ANTSTATUS=OPEN") || sentence.text(4, "ANTSTATUS=SHORT")) {
            antenna.set(true, sink);
        } else if (sentence.text(4, "ANTSTATUS=OK")) {
            antenna.set(false, sink);
        }
    }

    private Reject position(FixFrom from, int field, long date, long monoMs) {
        long lat = sentence.angleE7(field, 'N', 'S', 90);
        long lon = sentence.angleE7(field + 2, 'E', 'W', 180);
        if (lat == NmeaSentence.NOTHING || lon == NmeaSentence.NOTHING) {
            return Reject.MALFORMED;
        }
        epoch.position((int) lat, (int) lon);
        return from == fixFrom ? epoch.fix(date, monoMs) : Reject.NONE;
    }

    private static boolean contains(byte[] frame, int length, byte wanted) {
        for (int i = 0; i < length; i++) {
            if (frame[i] == wanted) {
                return true;
            }
        }
        return false;
    }
}
