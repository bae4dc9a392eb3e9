package ansim.hub.core;

import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.WireException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A message's log entry, or that of a vault's answer, a tick or a destination, in two parts of CBOR: what stays readable, and what is sealed. Nothing is in both but what
 * the message's own bytes repeat, and when an answer came.
 *
 * <pre>
 * clear   = [2, whole, arrivedMs, whole: outline / else: message bytes, disposition, flags: bits, links / null, numbers alarm told]
 * outline = [unit, boot, lane, chain, n, payload hash, time quality, t0, m0, memory only, [* [lane, chain, first, last, reason]]]
 * secret  = [whole: message bytes / else: null, reason / null, event / null, numbers alarm: event / null]
 *
 * of an answer, a tick, a destination, and what the app said: clear = [3, arrivedMs], secret = all of it as in {@link EntryCodec}
 * </pre>
 */
final class SealedCodec {
    /** Of the clear part; {@link EntryCodec} writes 1. */
    private static final int VERSION = 2;

    /** Of the clear part of what is no message: no unit, no ride, not even which boarding it is about. */
    private static final int ANSWER = 3;

    /** The clear part: everything but the message, and the message only where it is not whole. */
    private record Clear(
            boolean whole,
            long arrivedMs,
            Optional<UpMessage> message,
            Outline outline,
            Disposition disposition,
            Set<Flag> flags,
            Links links) {}

    private SealedCodec() {}

    static void writeClear(Cbor.Out out, LogEntry entry, boolean whole) {
        if (entry.type() != Input.Type.MESSAGE) {
            out.array(2);
            out.number(ANSWER);
            out.number(entry.arrivedMs());
            return;
        }
        Output output = entry.output();
        out.array(8);
        out.number(VERSION);
        out.bool(whole);
        out.number(entry.arrivedMs());
        if (whole) {
            writeOutline(out, entry.outline());
        } else {
            out.bytes(entry.message().bytes());
        }
        out.number(output.disposition().number());
        out.number(EventCodec.bits(output.flags()));
        EventCodec.writeLinks(out, output.links());
        out.bool(output.numbersAlarm().isPresent());
    }

    static void writeSecret(Cbor.Out out, LogEntry entry, boolean whole) {
        if (entry.type() != Input.Type.MESSAGE) {
            EntryCodec.write(out, entry);
            return;
        }
        Output output = entry.output();
        out.array(4);
        if (whole) {
            out.bytes(entry.message().bytes());
        } else {
            out.nothing();
        }
        out.maybeText(output.reason());
        maybeEvent(out, output.event());
        maybeEvent(out, output.numbersAlarm());
    }

    private static void maybeEvent(Cbor.Out out, Optional<Event> event) {
        if (event.isPresent()) {
            EventCodec.writeEvent(out, event.get());
        } else {
            out.nothing();
        }
    }

    static LogEntry decode(byte[] clearBytes, byte[] secret) throws LogEntry.Unreadable {
        if (answeredMs(clearBytes).isPresent()) {
            return EntryCodec.decode(secret);
        }
        try (Cbor.In in = new Cbor.In(secret)) {
            Clear clear = readClear(clearBytes);
            in.array();
            UpMessage message = clear.message.isPresent() && in.isNull()
                    ? clear.message.get()
                    : UpMessage.parseLeniently(in.bytes());
            Optional<String> reason = in.maybeText();
            Optional<Event> event = EventCodec.readEvent(in);
            Optional<Event> alarm = EventCodec.readEvent(in);
            in.end();
            return new LogEntry(
                    new Input.Arrival(clear.arrivedMs, message),
                    Output.logged(clear.disposition, message, clear.flags, reason, clear.links, event)
                            .with(alarm));
        } catch (IOException | IllegalArgumentException | WireException e) {
            throw new LogEntry.Unreadable("a sealed log entry cannot be read: " + e.getMessage(), e);
        }
    }

    static LogEntry decodeErased(byte[] clearBytes) throws LogEntry.Unreadable {
        OptionalLong answeredMs = answeredMs(clearBytes);
        if (answeredMs.isPresent()) {
            return new LogEntry(new Input.ErasedAnswer(answeredMs.getAsLong()), Output.plain());
        }
        try {
            Clear clear = readClear(clearBytes);
            return new LogEntry(
                    new Input.Erased(clear.arrivedMs, clear.outline, clear.message),
                    Output.erased(clear.disposition, clear.outline, clear.flags, clear.links));
        } catch (IOException | IllegalArgumentException | WireException e) {
            throw new LogEntry.Unreadable("what is left of a log entry cannot be read: " + e.getMessage(), e);
        }
    }

    /** When it came, of the clear part of a vault's answer; empty for that of a message. */
    private static OptionalLong answeredMs(byte[] bytes) throws LogEntry.Unreadable {
        try (Cbor.In in = new Cbor.In(bytes)) {
            in.array();
            if (in.integer() != ANSWER) {
                return OptionalLong.empty();
            }
            long arrivedMs = in.number();
            in.end();
            return OptionalLong.of(arrivedMs);
        } catch (IOException e) {
            throw new LogEntry.Unreadable("what is left of a log entry cannot be read: " + e.getMessage(), e);
        }
    }

    private static Clear readClear(byte[] bytes) throws IOException, WireException {
        try (Cbor.In in = new Cbor.In(bytes)) {
            in.array();
            int version = in.integer();
            if (version != VERSION) {
                throw new IOException("version " + version + " of a sealed entry, this program reads " + VERSION);
            }
            boolean whole = in.bool();
            long arrivedMs = in.number();
            Optional<UpMessage> message = whole ? Optional.empty() : Optional.of(UpMessage.parseLeniently(in.bytes()));
            Outline unsaid = whole ? readOutline(in) : Outline.of(message.orElseThrow(), false);
            Disposition disposition = EventCodec.value(Disposition.values(), in.integer());
            Set<Flag> flags = EventCodec.flags(in.number());
            Links links = EventCodec.readLinks(in);
            Outline outline = in.bool() ? unsaid.told() : unsaid;
            in.end();
            return new Clear(whole, arrivedMs, message, outline, disposition, flags, links);
        }
    }

    private static void writeOutline(Cbor.Out out, Outline outline) {
        out.array(11);
        out.bytes(outline.unit().bytes());
        out.bytes(outline.boot().bytes());
        out.number(outline.lane().number());
        out.bytes(outline.chain().bytes());
        out.number(outline.n());
        out.bytes(outline.payloadHash().bytes());
        out.number(outline.quality().code());
        out.number(outline.t0Ms());
        out.number(outline.m0Ms());
        out.bool(outline.memoryOnly());
        out.array(outline.gaps().size());
        for (Gap gap : outline.gaps()) {
            out.array(5);
            out.number(gap.lane().number());
            out.bytes(gap.chain().bytes());
            out.number(gap.first());
            out.number(gap.last());
            out.number(gap.reason().code());
        }
    }

    private static Outline readOutline(Cbor.In in) throws IOException {
        in.array();
        Id16 unit = Id16.of(in.bytes());
        Id8 boot = Id8.of(in.bytes());
        Lane lane = lane(in.integer());
        Id8 chain = Id8.of(in.bytes());
        long n = in.number();
        Id16 hash = Id16.of(in.bytes());
        TimeQuality quality = EventCodec.quality(in.integer());
        long t0Ms = in.number();
        long m0Ms = in.number();
        boolean memoryOnly = in.bool();
        List<Gap> gaps = new ArrayList<>();
        in.array();
        while (in.more()) {
            in.array();
            gaps.add(new Gap(lane(in.integer()), Id8.of(in.bytes()), in.number(), in.number(), reason(in.integer())));
            in.endArray();
        }
        in.endArray();
        return new Outline(unit, boot, lane, chain, n, hash, quality, t0Ms, m0Ms, memoryOnly, gaps, false);
    }

    private static Lane lane(int number) throws IOException {
        return Lane.of(number).orElseThrow(() -> new IOException("no such lane (" + number + ")"));
    }

    private static Gap.Reason reason(int code) throws IOException {
        for (Gap.Reason reason : Gap.Reason.values()) {
            if (reason.code() == code) {
                return reason;
            }
        }
        throw new IOException("no such reason of a gap (" + code + ")");
    }
}
