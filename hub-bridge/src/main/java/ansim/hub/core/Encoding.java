package ansim.hub.core;

import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.TimeQuality;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of an encoded {@link HubState} have in common. Big-endian; every count is checked against its limit before anything is
 * made for it, so that a damaged encoding is refused and cannot ask for memory.
 */
final class Encoding {
    private static final int NO_ACCURACY = -1;

    private Encoding() {}

    static int count(DataInput in, String what, int most) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > most) {
            throw new IOException(what + " must be in [0, " + most + "] (got " + count + ")");
        }
        return count;
    }

    static void longs(DataOutput out, long[] numbers) throws IOException {
        out.writeInt(numbers.length);
        for (long number : numbers) {
            out.writeLong(number);
        }
    }

    static long[] longs(DataInput in, String what, int most) throws IOException {
        long[] numbers = new long[count(in, what, most)];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = in.readLong();
        }
        return numbers;
    }

    static void texts(DataOutput out, List<String> texts) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            out.writeUTF(text);
        }
    }

    static List<String> texts(DataInput in, String what, int most) throws IOException {
        int count = count(in, what, most);
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            // Codes of districts, of which there are few, in every unit.
            texts.add(in.readUTF().intern());
        }
        return texts;
    }

    /** Texts that no other has. */
    static List<String> ownTexts(DataInput in, String what, int most) throws IOException {
        int count = count(in, what, most);
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            texts.add(in.readUTF());
        }
        return List.copyOf(texts);
    }

    static void pos(DataOutput out, Optional<Pos> pos) throws IOException {
        out.writeBoolean(pos.isPresent());
        if (pos.isPresent()) {
            out.writeInt(pos.get().latE7());
            out.writeInt(pos.get().lonE7());
            out.writeInt(pos.get().haccDm().orElse(NO_ACCURACY));
        }
    }

    static Optional<Pos> pos(DataInput in) throws IOException {
        if (!in.readBoolean()) {
            return Optional.empty();
        }
        int latE7 = in.readInt();
        int lonE7 = in.readInt();
        int haccDm = in.readInt();
        return Optional.of(new Pos(latE7, lonE7, haccDm == NO_ACCURACY ? OptionalInt.empty() : OptionalInt.of(haccDm)));
    }

    static void when(DataOutput out, When when) throws IOException {
        out.writeLong(when.fromMs());
        out.writeLong(when.toMs());
        out.writeByte(when.quality().code());
        out.writeByte(when.source().number());
    }

    static When when(DataInput in) throws IOException {
        long fromMs = in.readLong();
        long toMs = in.readLong();
        int quality = in.readUnsignedByte();
        int source = in.readUnsignedByte();
        for (TimeQuality known : TimeQuality.values()) {
            for (When.Source from : When.Source.values()) {
                if (known.code() == quality && from.number() == source) {
                    return new When(fromMs, toMs, known, from);
                }
            }
        }
        throw new IOException("no such date (quality " + quality + ", source " + source + ")");
    }

    static void id(DataOutput out, Optional<Id8> id) throws IOException {
        out.writeBoolean(id.isPresent());
        if (id.isPresent()) {
            out.writeLong(id.get().bits());
        }
    }

    static Optional<Id8> id(DataInput in) throws IOException {
        return in.readBoolean() ? Optional.of(new Id8(in.readLong())) : Optional.empty();
    }

    static void mark(DataOutput out, @Nullable Mark mark) throws IOException {
        out.writeBoolean(mark != null);
        if (mark != null) {
            out.writeLong(mark.boot().bits());
            out.writeLong(mark.monoMs());
            when(out, mark.when());
            pos(out, mark.pos());
        }
    }

    static @Nullable Mark mark(DataInput in) throws IOException {
        if (!in.readBoolean()) {
            return null;
        }
        Id8 boot = new Id8(in.readLong());
        long monoMs = in.readLong();
        When when = when(in);
        return new Mark(boot, monoMs, when, pos(in).orElse(null));
    }
}
