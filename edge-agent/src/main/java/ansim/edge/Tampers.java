package ansim.edge;

import ansim.profile.Reading.ContactChange;
import ansim.profile.Reading.Fault;
import ansim.wire.Phase;
import ansim.wire.Tamper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is wrong with the unit's devices, and which tampers follow.
 *
 * <table>
 * <caption>What raises</caption>
 * <tr><th>tamper</th><th>stands while</th></tr>
 * <tr><td>3 reader silent</td><td>any device is silent that should answer or speak, or is gone</td></tr>
 * <tr><td>4 antenna</td><td>any receiver says that its antenna is cut or that it is jammed, and has no fix: a flag alone, or a tunnel
 * alone, is none</td></tr>
 * <tr><td>1 enclosure, 2 loop cut, 5 power</td><td>any contact of such a name is away from its resting state</td></tr>
 * </table>
 *
 * <p>Guarantee: a tamper is raised once, whoever of the devices has it first, and cancelled once, when the last one has mended.
 * {@link #state} given to {@link #restore} goes on as if nothing had happened, on any boot: what is wrong has no time. A device that
 * is no longer configured ends what it had.
 *
 * <p>Not guaranteed: the end of a contact's tamper whose name was changed on the same port. Pure; the recorder's thread only.
 */
final class Tampers {
    private static final int STATE_VERSION = 1;

    /** What one device can have. The codes are those of the stored state. */
    private enum Kind {
        SILENT(1),
        ANTENNA(2),
        JAMMING(3),
        CONTACT(4);

        final int code;

        Kind(int code) {
            this.code = code;
        }

        static Kind of(int code) throws IOException {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IOException("a fault's kind must be 1 to " + values().length + " (got " + code + ")");
        }

        static Kind of(Fault.What what) {
            return switch (what) {
                case SILENT -> SILENT;
                case ANTENNA -> ANTENNA;
                case JAMMING -> JAMMING;
            };
        }

        Optional<Fault.What> fault() {
            return switch (this) {
                case SILENT -> Optional.of(Fault.What.SILENT);
                case ANTENNA -> Optional.of(Fault.What.ANTENNA);
                case JAMMING -> Optional.of(Fault.What.JAMMING);
                case CONTACT -> Optional.empty();
            };
        }
    }

    /**
     * One thing that is wrong.
     *
     * @param contact its name in lower case, empty unless it is a contact
     */
    private record Wrong(String port, Kind kind, String contact) {}

    /** A tamper that begins or ends. */
    record News(Tamper.What what, Phase phase) {}

    /** At most eight for each port: the kinds, and a contact of each name that means something. */
    private final Set<Wrong> wrong = new LinkedHashSet<>();
    /** The ports whose receiver has said that it has no fix. */
    private final Set<String> withoutFix = new HashSet<>();

    private boolean unstored;

    /** A device told of a fault or of its end. */
    List<News> fault(String port, Fault fault) {
        return change(new Wrong(port, Kind.of(fault.what()), ""), fault.raised());
    }

    /** A contact was looked at. */
    List<News> contact(String port, ContactChange change) {
        return what(change.name()).isEmpty()
                ? List.of()
                : change(new Wrong(port, Kind.CONTACT, change.name().toLowerCase(Locale.ROOT)), change.alarm());
    }

    /** A receiver has a fix, or has none. */
    List<News> fix(String port, boolean there) {
        Set<Tamper.What> before = standing();
        if (there ? !withoutFix.remove(port) : !withoutFix.add(port)) {
            return List.of();
        }
        return news(before);
    }

    /** What ports there are: those that an earlier run had and this one does not can never mend. */
    List<News> configured(Set<String> ports) {
        Set<Tamper.What> before = standing();
        unstored |= wrong.removeIf(each -> !ports.contains(each.port));
        withoutFix.retainAll(ports);
        return news(before);
    }

    private List<News> change(Wrong one, boolean now) {
        Set<Tamper.What> before = standing();
        unstored |= now ? wrong.add(one) : wrong.remove(one);
        return news(before);
    }

    private List<News> news(Set<Tamper.What> before) {
        Set<Tamper.What> now = standing();
        List<News> news = new ArrayList<>();
        for (Tamper.What what : Tamper.What.values()) {
            if (before.contains(what) != now.contains(what)) {
                unstored = true;
                news.add(new News(what, now.contains(what) ? Phase.RAISED : Phase.CANCELLED));
            }
        }
        return news;
    }

    /** The tampers that stand now. */
    Set<Tamper.What> standing() {
        Set<Tamper.What> standing = EnumSet.noneOf(Tamper.What.class);
        for (Wrong each : wrong) {
            what(each).ifPresent(standing::add);
        }
        return standing;
    }

    private Optional<Tamper.What> what(Wrong each) {
        return switch (each.kind) {
            case SILENT -> Optional.of(Tamper.What.READER_SILENT);
            case ANTENNA, JAMMING ->
                withoutFix.contains(each.port) ? Optional.of(Tamper.What.ANTENNA) : Optional.empty();
            case CONTACT -> what(each.contact);
        };
    }

    /** The contacts whose name says that the unit itself is meant. */
    private static Optional<Tamper.What> what(String contact) {
        return switch (contact.toLowerCase(Locale.ROOT)) {
            case "enclosure", "reader-cover" -> Optional.of(Tamper.What.ENCLOSURE);
            case "loop" -> Optional.of(Tamper.What.LOOP_CUT);
            case "mains", "power" -> Optional.of(Tamper.What.POWER);
            default -> Optional.empty();
        };
    }

    /** What each port's device has told of and not yet ended. */
    Map<String, Set<Fault.What>> faults() {
        Map<String, Set<Fault.What>> faults = new TreeMap<>();
        for (Wrong each : wrong) {
            each.kind
                    .fault()
                    .ifPresent(what -> faults.computeIfAbsent(each.port, none -> EnumSet.noneOf(Fault.What.class))
                            .add(what));
        }
        return faults;
    }

    /** Whether {@link #state} has changed since it was last asked for. */
    boolean unstored() {
        return unstored;
    }

    /** All that is wrong; of the fixes only those that a tamper stands on, since every other is told anew. */
    byte[] state() {
        unstored = false;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(STATE_VERSION);
            out.writeShort(wrong.size());
            for (Wrong each : wrong) {
                out.writeUTF(each.port);
                out.writeByte(each.kind.code);
                out.writeUTF(each.contact);
                out.writeBoolean(withoutFix.contains(each.port));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Goes on from a stored state.
     *
     * @throws IOException when the bytes are not a state of this version; nothing has changed then
     */
    void restore(byte[] state) throws IOException {
        Set<Wrong> read = new LinkedHashSet<>();
        Set<String> lost = new HashSet<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            int version = in.readUnsignedByte();
            if (version != STATE_VERSION) {
                throw new IOException("tamper state must be version " + STATE_VERSION + " (got " + version + ")");
            }
            int count = in.readUnsignedShort();
            for (int i = 0; i < count; i++) {
                String port = in.readUTF();
                Wrong each = new Wrong(port, Kind.of(in.readUnsignedByte()), in.readUTF());
                read.add(each);
                if (in.readBoolean()) {
                    lost.add(port);
                }
            }
        }
        wrong.addAll(read);
        withoutFix.addAll(lost);
    }
}
