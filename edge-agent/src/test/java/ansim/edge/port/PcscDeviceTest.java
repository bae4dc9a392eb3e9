package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ansim.profile.DeviceReader;
import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.profile.Reading.Tap;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.NativeLongByReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The device against a PC/SC service made for the test; against the real library as far as this machine has it. */
class PcscDeviceTest {
    private final Service service = new Service();
    private final DeviceReader reader = Profile.load("reader-pcsc").open();
    private final List<Reading> readings = new ArrayList<>();
    private long nowMs;

    @Test
    void aCardThatComesIsAskedForItsUidOnceAndMayComeBack() throws IOException {
        try (PcscDevice device = PcscDevice.open("ACS", service)) {
            reader.opened(0, readings::add);
            run(device, 500);
            service.uid = Optional.of("046B2CDA714080");
            run(device, 3_000);
            assertEquals(List.of(new Tap("046B2CDA714080")), readings);
            assertEquals(List.of("FFCA000000"), service.sent);
            service.uid = Optional.empty();
            run(device, 3_000);
            service.uid = Optional.of("046B2CDA714080");
            run(device, 1_000);
            assertEquals(2, readings.size());
        }
        assertEquals(0, service.contexts, "each context is given back");
        assertEquals(0, service.cards, "and each card");
    }

    @Test
    void aCardThatGoesWhileItIsAskedIsNoTapAndNoHarm() throws IOException {
        try (PcscDevice device = PcscDevice.open("any", service)) {
            reader.opened(0, readings::add);
            service.uid = Optional.of("DEADBEEF");
            service.leavesWhenAsked = true;
            run(device, 1_000);
            assertEquals(List.of(), readings);
            service.leavesWhenAsked = false;
            service.uid = Optional.of("DEADBEEF");
            run(device, 1_000);
            assertEquals(List.of(new Tap("DEADBEEF")), readings);
        }
    }

    /** The JDK's own binding fails for ever after this: its context is never made again. */
    @Test
    void aServiceThatIsRestartedIsTheLossOfTheDeviceAndCanBeOpenedAgain() throws IOException {
        PcscDevice device = PcscDevice.open("ACS", service);
        run(device, 500);
        service.runs = false;
        IOException lost = assertThrows(IOException.class, () -> run(device, 500));
        String message = String.valueOf(lost.getMessage());
        assertTrue(message.contains("systemctl start pcscd"), message);
        device.close();
        assertThrows(IOException.class, () -> PcscDevice.open("ACS", service));
        service.runs = true;
        service.uid = Optional.of("DEADBEEF");
        try (PcscDevice again = PcscDevice.open("ACS", service)) {
            reader.opened(nowMs, readings::add);
            run(again, 1_000);
        }
        assertEquals(List.of(new Tap("DEADBEEF")), readings);
    }

    @Test
    void aReaderThatIsNotThereIsNamedWithThoseThatAre() {
        IOException none = assertThrows(IOException.class, () -> PcscDevice.open("HID", service));
        assertEquals("no such PC/SC reader: HID; there are ACS ACR122U 00 00, Other 01 00", none.getMessage());
        assertEquals(0, service.contexts);
        service.names = "";
        IOException empty = assertThrows(IOException.class, () -> PcscDevice.open("any", service));
        assertEquals("no such PC/SC reader: any; there is none", empty.getMessage());
    }

    @Test
    void withoutTheServiceTheRealLibrarySaysWhatToDo() {
        assumeFalse(Files.exists(Path.of("/run/pcscd/pcscd.comm")), "pcscd runs here");
        IOException refused = assertThrows(IOException.class, () -> PcscDevice.open("any"));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("systemctl start pcscd") || message.contains("apt-get install pcscd"), message);
    }

    private void run(PcscDevice device, long forMs) throws IOException {
        for (long endMs = nowMs + forMs; nowMs < endMs; nowMs += 20) {
            device.poll(reader, nowMs, readings::add);
            reader.tick(nowMs, readings::add);
            byte[] request = reader.toSend(nowMs);
            if (request.length > 0) {
                device.send(request);
            }
        }
    }

    /** A service with two readers and one card. */
    private static final class Service implements PcscLibrary {
        private static final int NO_SERVICE = 0x8010001D;
        private static final int NO_CARD = 0x8010000C;
        private static final int REMOVED = 0x80100069;

        final List<String> sent = new ArrayList<>();
        String names = "ACS ACR122U 00 00\0Other 01 00\0\0";
        Optional<String> uid = Optional.empty();
        boolean runs = true;
        boolean leavesWhenAsked;
        int contexts;
        int cards;
        private long nextContext = 1;
        private long validFrom = 1;

        private NativeLong result(int code) {
            if (!runs) {
                validFrom = nextContext;
            }
            return new NativeLong(runs ? code : NO_SERVICE);
        }

        @Override
        public NativeLong establishContext(
                NativeLong scope, @Nullable Pointer a, @Nullable Pointer b, NativeLongByReference context) {
            if (runs) {
                context.setValue(new NativeLong(nextContext++));
                contexts++;
            }
            return result(0);
        }

        @Override
        public NativeLong releaseContext(NativeLong context) {
            contexts--;
            return result(0);
        }

        @Override
        public NativeLong listReaders(
                NativeLong context, @Nullable String groups, byte[] into, NativeLongByReference length) {
            byte[] all = names.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(all, 0, into, 0, all.length);
            length.setValue(new NativeLong(all.length));
            return result(all.length == 0 ? 0x8010002E : 0);
        }

        @Override
        public NativeLong connect(
                NativeLong context,
                String to,
                NativeLong share,
                NativeLong protocols,
                NativeLongByReference card,
                NativeLongByReference protocol) {
            assertTrue(context.longValue() >= validFrom, "a context from before the restart");
            if (runs && uid.isPresent()) {
                cards++;
                card.setValue(new NativeLong(7));
                protocol.setValue(new NativeLong(2));
            }
            return result(uid.isPresent() ? 0 : NO_CARD);
        }

        @Override
        public NativeLong status(
                NativeLong card,
                byte[] name,
                NativeLongByReference nameLength,
                NativeLongByReference state,
                NativeLongByReference protocol,
                byte[] atr,
                NativeLongByReference atrLength) {
            atr[0] = 0x3B;
            atrLength.setValue(new NativeLong(2));
            return result(uid.isPresent() ? 0 : REMOVED);
        }

        @Override
        public NativeLong transmit(
                NativeLong card,
                Pointer protocol,
                byte[] command,
                NativeLong commandLength,
                @Nullable Pointer received,
                byte[] response,
                NativeLongByReference responseLength) {
            assertEquals(2, protocol.getNativeLong(0).longValue());
            sent.add(HexFormat.of().withUpperCase().formatHex(command));
            if (leavesWhenAsked) {
                uid = Optional.empty();
                return result(REMOVED);
            }
            byte[] answer = HexFormat.of().parseHex(uid.orElseThrow() + "9000");
            System.arraycopy(answer, 0, response, 0, answer.length);
            responseLength.setValue(new NativeLong(answer.length));
            return result(0);
        }

        @Override
        public NativeLong disconnect(NativeLong card, NativeLong disposition) {
            cards--;
            return result(0);
        }
    }
}
