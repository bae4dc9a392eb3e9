package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Is a camera alive? Asks it by RTSP OPTIONS (RFC 2326, 10.1) or ONVIF GetSystemDateAndTime (Core, 8.3.6), neither of which needs a
 * login. Status 200 is an answer, and so is 401. The camera is a contact, closed while it is alive; lost, it is an alarm.
 *
 * <p>Not guaranteed: that it sends a picture.
 */
final class CameraProbe implements Decoder {
    /** How it is asked. */
    enum Way {
        RTSP,
        ONVIF
    }

    /**
     * Options.
     *
     * @param way how it is asked
     * @param name of the contact
     * @param host what the camera is called in the request, {@code HOST} or {@code HOST:PORT}; the port's own address unless given
     * @param path of the request; {@code /} for RTSP and {@code /onvif/device_service} for ONVIF unless given
     * @param interval from one request to the next
     * @param timeout how long an answer may take, with the connection
     * @param misses so many answers missing in a row, and it is lost
     */
    record Options(
            @Default("rtsp") Way way,
            @Default("camera") String name,
            @Default("camera") String host,
            Optional<String> path,

            @Default("10s") @Range(min = 1_000, max = 3_600_000)
            Duration interval,

            @Default("5s") @Range(min = 500, max = 60_000) Duration timeout,
            @Default("3") @Range(min = 1, max = 100) int misses) {
        private static final Pattern WORD = Pattern.compile("[!-~]{1,255}");

        Options {
            Contact.checkName("name", name);
            if (!WORD.matcher(host).matches()) {
                throw new IllegalArgumentException("host must be a name or address, with :PORT or without");
            }
            if (path.isPresent()
                    && !(path.get().startsWith("/") && WORD.matcher(path.get()).matches())) {
                throw new IllegalArgumentException(
                        "path must begin with / and have no spaces (got " + path.get() + ")");
            }
        }
    }

    private static final Pattern STATUS = Pattern.compile("(RTSP|HTTP)/1\\.[01] (\\d{3})\\b");
    private static final Pattern NUMBER = Pattern.compile("(?im)^CSeq:[ \\t]*(\\d{1,9})[ \\t]*\\r?$");
    private static final String SOAP = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
            + "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>"
            + "<GetSystemDateAndTime xmlns=\"http://www.onvif.org/ver10/device/wsdl\"/>"
            + "</s:Body></s:Envelope>";

    private final Options options;
    private final Dialogue dialogue;
    private int sequence;
    private int misses;
    private Optional<Boolean> alive = Optional.empty();
    private long dueMs = Long.MIN_VALUE;

    CameraProbe(Options options) {
        this.options = options;
        dialogue = new Dialogue(options.timeout().toMillis());
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        return STATUS.matcher(text(frame, length)).lookingAt() ? Reject.NONE : Reject.MALFORMED;
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        String head = text(frame, length);
        Matcher status = STATUS.matcher(head);
        String protocol = options.way() == Way.RTSP ? "RTSP" : "HTTP";
        if (!dialogue.waiting() || !status.lookingAt() || !status.group(1).equals(protocol)) {
            return Reject.UNASKED;
        }
        Matcher number = NUMBER.matcher(head);
        if (options.way() == Way.RTSP && number.find() && Integer.parseInt(number.group(1)) != sequence) {
            return Reject.UNASKED;
        }
        if (!status.group(2).equals("200") && !status.group(2).equals("401")) {
            // It is counted as missing when the time for an answer has passed.
            return Reject.REFUSED;
        }
        dialogue.over();
        misses = 0;
        told(true, sink);
        return Reject.NONE;
    }

    private static String text(byte[] frame, int length) {
        return new String(frame, 0, length, StandardCharsets.ISO_8859_1);
    }

    private void told(boolean is, Consumer<Reading> sink) {
        if (alive.isEmpty() || alive.get() != is) {
            boolean initial = alive.isEmpty();
            alive = Optional.of(is);
            sink.accept(new Reading.ContactChange(options.name(), is, !is, initial));
        }
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        if (dialogue.late(monoMs)) {
            misses = Math.min(misses + 1, options.misses());
            if (misses == options.misses()) {
                told(false, sink);
            }
        }
        if (!dialogue.waiting() && monoMs >= dueMs) {
            dueMs = monoMs + options.interval().toMillis();
            sequence = sequence == Short.MAX_VALUE ? 1 : sequence + 1;
            dialogue.ask(request().getBytes(StandardCharsets.US_ASCII), monoMs);
        }
    }

    private String request() {
        if (options.way() == Way.RTSP) {
            return String.format(
                    Locale.ROOT,
                    "OPTIONS rtsp://%s%s RTSP/1.0\r\nCSeq: %d\r\nUser-Agent: ansim\r\n\r\n",
                    options.host(),
                    options.path().orElse("/"),
                    sequence);
        }
        return String.format(
                Locale.ROOT,
                "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/soap+xml; charset=utf-8\r\n"
                        + "Content-Length: %d\r\nConnection: close\r\n\r\n%s",
                options.path().orElse("/onvif/device_service"),
                options.host(),
                SOAP.length(),
                SOAP);
    }

    @Override
    public byte[] ask(long monoMs) {
        return dialogue.toSend();
    }

    @Override
    public void opened(long monoMs) {
        dialogue.over();
        sequence = 0;
        dueMs = monoMs;
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.MALFORMED, Reject.UNASKED, Reject.REFUSED);
    }
}
