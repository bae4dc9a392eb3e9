package ansim.edge.port;

import ansim.profile.DeviceReader;
import ansim.profile.Reading;
import com.sun.jna.Memory;
import com.sun.jna.NativeLong;
import com.sun.jna.ptr.NativeLongByReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A smart-card reader behind the PC/SC service, read by polling: a card is noticed within {@value #LOOK_MS} ms. The reader that is
 * unplugged and the service that is restarted are the loss of the device; each opening has a context of its own.
 */
final class PcscDevice implements Device {
    /** Between two looks for a card. */
    static final long LOOK_MS = 200;
    /** Between two messages that the reader is there. */
    static final long THERE_MS = 1_000;

    private static final byte THERE = 0;
    private static final byte CARD = 1;
    private static final byte GONE = 2;
    private static final byte RESPONSE = 3;

    private static final NativeLong SCOPE_SYSTEM = new NativeLong(2);
    private static final NativeLong SHARE_SHARED = new NativeLong(2);
    private static final NativeLong ANY_PROTOCOL = new NativeLong(3);
    private static final NativeLong LEAVE_CARD = new NativeLong(0);
    private static final int NO_READERS = 0x8010002E;
    private static final int NO_SERVICE = 0x8010001D;
    /** pcsclite.h: no card, or one that is going, is mute, or is held by somebody else. The reader is well. */
    private static final Set<Integer> NO_CARD = Set.of(
            0x8010000B, 0x8010000C, 0x8010000F, 0x80100016, 0x8010002F, 0x80100066, 0x80100067, 0x80100068, 0x80100069);

    private static final int NAMES_BYTES = 4_096;
    private static final int NAME_BYTES = 256;
    private static final int ATR_BYTES = 33;
    private static final int RESPONSE_BYTES = 258;

    private final PcscLibrary library;
    private final NativeLong context;
    private final String reader;
    private final Queue<byte[]> messages = new ArrayDeque<>();
    private Optional<Card> card = Optional.empty();
    private boolean told;
    private long lookMs = Long.MIN_VALUE;
    private long thereMs = Long.MIN_VALUE;

    private record Card(NativeLong handle, NativeLong protocol) {}

    private PcscDevice(PcscLibrary library, NativeLong context, String reader) {
        this.library = library;
        this.context = context;
        this.reader = reader;
    }

    /** Opens the reader whose name begins so; {@code any}: the first. */
    static PcscDevice open(String name) throws IOException {
        return open(name, PcscLibrary.load());
    }

    static PcscDevice open(String name, PcscLibrary library) throws IOException {
        NativeLongByReference context = new NativeLongByReference();
        check(library.establishContext(SCOPE_SYSTEM, null, null, context), "the PC/SC service");
        try {
            List<String> readers = readers(library, context.getValue());
            String reader = readers.stream()
                    .filter(each -> name.equals("any") || each.startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no such PC/SC reader: " + name
                            + (readers.isEmpty() ? "; there is none" : "; there are " + String.join(", ", readers))));
            return new PcscDevice(library, context.getValue(), reader);
        } catch (IOException | RuntimeException e) {
            library.releaseContext(context.getValue());
            throw e;
        }
    }

    /** The names of the readers that there are, in a context of its own. */
    static List<String> readers(PcscLibrary library) throws IOException {
        NativeLongByReference context = new NativeLongByReference();
        check(library.establishContext(SCOPE_SYSTEM, null, null, context), "the PC/SC service");
        try {
            return readers(library, context.getValue());
        } finally {
            library.releaseContext(context.getValue());
        }
    }

    private static List<String> readers(PcscLibrary library, NativeLong context) throws IOException {
        byte[] names = new byte[NAMES_BYTES];
        NativeLongByReference length = new NativeLongByReference(new NativeLong(names.length));
        NativeLong result = library.listReaders(context, null, names, length);
        if (result.intValue() == NO_READERS) {
            return List.of();
        }
        check(result, "the list of PC/SC readers");
        String all = new String(names, 0, length.getValue().intValue(), StandardCharsets.UTF_8);
        return Arrays.stream(all.split("\0")).filter(each -> !each.isEmpty()).toList();
    }

    @Override
    public void poll(DeviceReader to, long monoMs, Consumer<Reading> sink) throws IOException {
        if (monoMs >= lookMs) {
            lookMs = monoMs + LOOK_MS;
            look();
            if (monoMs >= thereMs) {
                thereMs = monoMs + THERE_MS;
                tell(THERE, new byte[0], 0);
            }
        }
        for (byte[] message = messages.poll(); message != null; message = messages.poll()) {
            to.accept(message, 0, message.length, monoMs, sink);
            Arrays.fill(message, (byte) 0);
        }
    }

    private void look() throws IOException {
        if (card.isPresent()) {
            if (!status(card.get())) {
                gone();
            }
            return;
        }
        NativeLongByReference handle = new NativeLongByReference();
        NativeLongByReference protocol = new NativeLongByReference();
        NativeLong result = library.connect(context, reader, SHARE_SHARED, ANY_PROTOCOL, handle, protocol);
        if (present(result)) {
            card = Optional.of(new Card(handle.getValue(), protocol.getValue()));
            if (!status(card.get())) {
                gone();
            }
        }
    }

    /** Is the card still there? Tells of it when it is new. */
    private boolean status(Card present) throws IOException {
        byte[] atr = new byte[ATR_BYTES];
        NativeLongByReference atrLength = new NativeLongByReference(new NativeLong(atr.length));
        NativeLong result = library.status(
                present.handle(),
                new byte[NAME_BYTES],
                new NativeLongByReference(new NativeLong(NAME_BYTES)),
                new NativeLongByReference(),
                new NativeLongByReference(),
                atr,
                atrLength);
        boolean there = present(result);
        if (there && !told) {
            told = true;
            tell(CARD, atr, atrLength.getValue().intValue());
        }
        return there;
    }

    private void gone() {
        card.ifPresent(left -> library.disconnect(left.handle(), LEAVE_CARD));
        card = Optional.empty();
        if (told) {
            told = false;
            tell(GONE, new byte[0], 0);
        }
    }

    private void tell(byte kind, byte[] content, int length) {
        byte[] message = new byte[3 + length];
        message[0] = kind;
        message[1] = (byte) (length >> Byte.SIZE);
        message[2] = (byte) length;
        System.arraycopy(content, 0, message, 3, length);
        messages.add(message);
    }

    /** Hands an APDU to the card; its response comes with the next poll. Without a card it goes nowhere. */
    @Override
    public void send(byte[] request) throws IOException {
        if (card.isEmpty()) {
            return;
        }
        byte[] response = new byte[RESPONSE_BYTES];
        NativeLongByReference length = new NativeLongByReference(new NativeLong(response.length));
        try (Memory protocol = new Memory(2L * NativeLong.SIZE)) {
            protocol.setNativeLong(0, card.get().protocol());
            protocol.setNativeLong(NativeLong.SIZE, new NativeLong(protocol.size()));
            NativeLong result = library.transmit(
                    card.get().handle(), protocol, request, new NativeLong(request.length), null, response, length);
            if (present(result)) {
                tell(RESPONSE, response, length.getValue().intValue());
                // It may have been a card's number.
                Arrays.fill(response, (byte) 0);
            } else {
                gone();
            }
        }
    }

    private boolean present(NativeLong result) throws IOException {
        if (NO_CARD.contains(result.intValue())) {
            return false;
        }
        check(result, reader);
        return true;
    }

    private static void check(NativeLong result, String what) throws IOException {
        int code = result.intValue();
        if (code == NO_SERVICE) {
            throw new IOException("the PC/SC service does not run (systemctl start pcscd)");
        }
        if (code != 0) {
            throw new IOException(what + String.format(Locale.ROOT, " is gone (PC/SC error %08X)", code));
        }
    }

    @Override
    public void close() {
        card.ifPresent(left -> library.disconnect(left.handle(), LEAVE_CARD));
        card = Optional.empty();
        library.releaseContext(context);
    }
}
