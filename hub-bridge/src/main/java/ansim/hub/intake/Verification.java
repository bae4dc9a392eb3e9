package ansim.hub.intake;

import ansim.hub.core.UnitRecord;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Refused;
import ansim.wire.UpMessage;
import ansim.wire.Verifier;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tinylog.Logger;

/**
 * Parses and verifies in parallel; one unit's messages of a lane always on the same thread, so that they stay in order. The alarms have a
 * thread of their own: one of another lane that waits for the committer's room must not keep an alarm from the room that is kept for it.
 *
 * <p>What passes goes to the committer. What does not is answered with a PUBACK at once and counted; the unit is told with verb 8 only
 * when the bytes can never be taken (a known, valid unit's bad signature, broken encoding or broken envelope), and hears nothing otherwise, so that it
 * keeps them: another version of the hub, or another entry in the registry, may still take them.
 */
final class Verification implements AutoCloseable {
    private static final int CLOSE_MS = 5_000;

    private final Verifier verifier;
    private final KeyRing ring;
    private final Committer committer;
    private final Tally tally;
    private final AlarmFirstQueue<Incoming> alarms = new AlarmFirstQueue<>(Limits.TO_VERIFY);
    private final List<AlarmFirstQueue<Incoming>> others = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** What each thread verifies with, and what becomes of it. */
    record Work(Verifier verifier, KeyRing ring, Committer committer, Tally tally) {}

    /**
     * Starts the threads.
     *
     * @param threadCount for everything but alarms, which have one more
     * @param failed told when a thread has died, which only an error of the machine does: the program must end
     */
    Verification(int threadCount, Work work, Consumer<Throwable> failed) {
        this.verifier = work.verifier();
        this.ring = work.ring();
        this.committer = work.committer();
        this.tally = work.tally();
        threads.add(new Thread(() -> work(alarms), "verify-alarms"));
        for (int i = 1; i <= threadCount; i++) {
            AlarmFirstQueue<Incoming> queue = new AlarmFirstQueue<>(Limits.TO_VERIFY);
            others.add(queue);
            threads.add(new Thread(() -> work(queue), "verify-" + i));
        }
        for (Thread thread : threads) {
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler((dead, error) -> failed.accept(error));
            thread.start();
        }
    }

    /** Takes a message without waiting; false when there is no room now. */
    boolean offer(Incoming incoming) {
        if (incoming.lane == Lane.ALARM) {
            return alarms.offer(incoming, true);
        }
        int place = Math.floorMod(incoming.session.unit().hashCode(), others.size());
        return others.get(place).offer(incoming, false);
    }

    /** What waits to be verified; what a thread has in hand is not counted. */
    int waiting() {
        return alarms.size() + others.stream().mapToInt(AlarmFirstQueue::size).sum();
    }

    /** Whether a unit is registered and not revoked. */
    boolean isKnown(Id16 unit) {
        return ring.isValid(unit);
    }

    /** What the log has committed of a unit. */
    Optional<UnitRecord> registered(Id16 unit) {
        return ring.unit(unit);
    }

    private void work(AlarmFirstQueue<Incoming> queue) {
        try {
            for (Optional<Incoming> next = queue.take(); next.isPresent(); next = queue.take()) {
                verify(next.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void verify(Incoming incoming) throws InterruptedException {
        Optional<Refusal> refusal;
        String detail = "";
        try {
            UpMessage message = UpMessage.parseLeniently(incoming.bytes);
            refusal = judge(incoming, message);
            if (refusal.isEmpty()) {
                committer.put(incoming, message);
                return;
            }
        } catch (WireException e) {
            refusal = Optional.of(ofWire(e.reason()));
            detail = String.valueOf(e.getMessage());
        } catch (RuntimeException e) {
            Logger.error(e, "a message of unit {}", incoming.session.unit());
            refusal = Optional.of(Refusal.DEFECT);
        }
        refuse(incoming, refusal.get(), detail);
    }

    private Optional<Refusal> judge(Incoming incoming, UpMessage message) {
        Id16 unit = incoming.session.unit();
        Optional<UnitRecord> owner = ring.owner(message.kid());
        if (owner.isEmpty()) {
            return Optional.of(Refusal.UNKNOWN_KID);
        }
        if (!owner.get().unit().equals(unit) || !message.batch().unit().equals(unit)) {
            return Optional.of(Refusal.OTHER_UNIT);
        }
        if (owner.get().isShutOut(incoming.arrivedMs)) {
            return Optional.of(Refusal.REVOKED);
        }
        if (message.batch().lane() != incoming.lane) {
            return Optional.of(Refusal.OTHER_LANE);
        }
        Optional<VerifyKey> key = owner.get().key(message.kid());
        long begun = System.nanoTime();
        boolean right = key.isPresent() && message.verify(verifier, key.get());
        tally.watch().verified(System.nanoTime() - begun);
        if (right) {
            tally.trace().verified(message, incoming.arrivedMs, begun);
            return Optional.empty();
        }
        boolean element = key.isPresent() && key.get().kind() == VerifyKey.Kind.P256;
        return Optional.of(element && message.hasHighS() ? Refusal.HIGH_S : Refusal.SIGNATURE);
    }

    private static Refusal ofWire(WireException.Reason reason) {
        return switch (reason) {
            case TOO_LONG -> Refusal.MESSAGE_TOO_LONG;
            case ENCODING -> Refusal.ENCODING;
            case HEADER -> Refusal.HEADER;
            case VERSION -> Refusal.VERSION;
            case UNKNOWN_KEY -> Refusal.MUST_UNDERSTAND;
            case CONTENT -> Refusal.CONTENT;
            case SIGNATURE -> Refusal.SIGNATURE;
        };
    }

    private void refuse(Incoming incoming, Refusal refusal, String detail) {
        tally.count(refusal, incoming.session.source(), detail);
        Optional<Refused.Reason> verb8 = verb8(refusal).filter(reason -> ring.isValid(incoming.session.unit()));
        incoming.settle(
                refusal == Refusal.DEFECT
                        ? Incoming.Fate.DEFECT
                        : verb8.isPresent() ? Incoming.Fate.REFUSED : Incoming.Fate.NOT_ALLOWED);
        verb8.ifPresent(reason ->
                incoming.session.refused(incoming, new Refused.Refusal(UpMessage.messageHash(incoming.bytes), reason)));
        incoming.session.answer(List.of(incoming));
    }

    private static Optional<Refused.Reason> verb8(Refusal refusal) {
        return switch (refusal) {
            case SIGNATURE, HIGH_S -> Optional.of(Refused.Reason.SIGNATURE);
            // A broken envelope has no place in a chain: it can be neither stored nor receipted, and would hold up its
            // lane
            // for good. What a later version may read (VERSION, MUST_UNDERSTAND) the unit keeps instead.
            case ENCODING, MESSAGE_TOO_LONG, HEADER, CONTENT -> Optional.of(Refused.Reason.ENCODING);
            default -> Optional.empty();
        };
    }

    /** Verifies what it has, then ends. */
    @Override
    public void close() {
        alarms.close();
        others.forEach(AlarmFirstQueue::close);
        for (Thread thread : threads) {
            try {
                thread.join(CLOSE_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
