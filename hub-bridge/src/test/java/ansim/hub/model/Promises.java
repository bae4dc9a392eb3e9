package ansim.hub.model;

import ansim.hub.model.Answer.Named;
import ansim.hub.model.Message.Told;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What must hold in every state. Sets of messages are bits by {@link Message#bytes}.
 *
 * <ol>
 *   <li>What was acknowledged to people is in the hub's forced log, on the unit's disk, or explained by a gap record on either; after a
 *       fair end it is in the hub's log once, or explained there.
 *   <li>The unit removes only what the hub has forced, now or before a restore, or what a gap record on disk explains.
 *   <li>A number has one content, unless a card was restored.
 *   <li>A receipt names only what is forced.
 * </ol>
 *
 * <p>What no protocol can save is excused until the end and must be told then: a message whose bytes the disk lost, and one that a
 * restored hub lost with what the unit had dropped. What was only on a card that was replaced is excused for good.
 */
final class Promises {
    private long acknowledged;
    private long everForced;
    private long everTold;
    private long damaged;
    private long forGood;
    private final Map<Integer, Integer> sent = new HashMap<>();
    private final Map<Integer, Message> messages = new HashMap<>();

    Promises copy() {
        Promises copy = new Promises();
        copy.acknowledged = acknowledged;
        copy.everForced = everForced;
        copy.everTold = everTold;
        copy.damaged = damaged;
        copy.forGood = forGood;
        copy.sent.putAll(sent);
        copy.messages.putAll(messages);
        return copy;
    }

    void acknowledge(UnitLane disk) {
        for (UnitChain chain : disk.chains) {
            for (Message each : chain.held) {
                if (!each.isGap() && messages.putIfAbsent(each.bytes(), each) == null) {
                    acknowledged |= each.bit();
                }
            }
        }
    }

    void sent(Message message, boolean cardWasRestored) {
        Integer before = sent.put(message.chain() * 64 + message.n(), message.bytes());
        if (before != null && before != message.bytes() && !cardWasRestored) {
            throw new Violation(Violation.Of.NUMBER, message + " was sent with other bytes before");
        }
    }

    void written(ModelHub hub, Message message, boolean fork) {
        int last = hub.log.size() - 1;
        for (int i = 0; i < last; i++) {
            Message other = hub.log.get(i).message();
            if (other == null || other.chain() != message.chain() || other.n() != message.n()) {
                continue;
            }
            if (other.bytes() == message.bytes()) {
                throw new Violation(Violation.Of.DOUBLE, message + " is in the log twice");
            }
            if (!fork) {
                throw new Violation(Violation.Of.NUMBER, message + " is not seen to be a fork");
            }
        }
    }

    void answered(ModelHub hub, List<Answer> answers) {
        long held = hub.held(hub.forced);
        for (Answer answer : answers) {
            for (Named named : answer.named()) {
                if ((held & 1L << named.bytes()) == 0) {
                    throw new Violation(Violation.Of.RECEIPT, named + " is not committed");
                }
            }
        }
    }

    void removed(World world, Message message) {
        boolean told = world.unit.disk[1].covering(message.chain(), message.n()) != null;
        if (!told && ((everForced | everTold) & message.bit()) == 0) {
            throw new Violation(Violation.Of.REMOVAL, message + " was removed and the hub never held it");
        }
    }

    void damaged(Message message) {
        damaged |= message.bit();
    }

    /** The hub has forced its log. */
    void committed(ModelHub hub) {
        everForced |= hub.held(hub.forced);
        long open = acknowledged & ~everForced & ~everTold;
        while (open != 0) {
            Message message = messages.get(Long.numberOfTrailingZeros(open));
            if (hub.named(message.chain(), message.n())) {
                everTold |= message.bit();
            }
            open &= open - 1;
        }
    }

    /** A card was restored, or a hub after one: what neither has any more and the unit does not know to have had. */
    void gone(World world) {
        long away = acknowledged & ~world.hub.held(world.hub.forced) & ~onDisk(world.unit);
        for (Message each : messages.values()) {
            UnitChain chain = world.unit.chain(each.chain());
            boolean willBeTold = chain != null && chain.everReceiptedN >= each.n();
            if ((away & each.bit()) != 0 && !willBeTold) {
                forGood |= each.bit();
            }
        }
    }

    private static long onDisk(ModelUnit unit) {
        long held = 0;
        for (int lane = 1; lane < unit.disk.length; lane++) {
            for (UnitChain chain : unit.disk[lane].chains) {
                for (Message each : chain.held) {
                    held |= each.bit();
                }
            }
        }
        return held;
    }

    void check(World world) {
        long open = acknowledged & ~everForced & ~everTold & ~damaged & ~forGood;
        if (open == 0) {
            return;
        }
        open &= ~onDisk(world.unit);
        while (open != 0) {
            Message message = messages.get(Long.numberOfTrailingZeros(open));
            if (!toldOnDisk(world.unit, message)) {
                throw new Violation(Violation.Of.LOSS, message + " was acknowledged and is nowhere");
            }
            open &= open - 1;
        }
    }

    private static boolean toldOnDisk(ModelUnit unit, Message message) {
        for (UnitChain chain : unit.disk[1].chains) {
            for (Message each : chain.held) {
                Told gap = each.gap();
                if (gap.names(message.chain(), message.n())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** After a fair end. */
    void checkAtRest(ModelHub hub) {
        long open = acknowledged & ~hub.held(hub.forced) & ~forGood;
        while (open != 0) {
            Message message = messages.get(Long.numberOfTrailingZeros(open));
            if (!hub.named(message.chain(), message.n())) {
                throw new Violation(
                        Violation.Of.LOSS, message + " was acknowledged, and at rest the hub does not know");
            }
            open &= open - 1;
        }
    }

    int acknowledged() {
        return Long.bitCount(acknowledged);
    }

    long mix() {
        return Mix.of(Mix.of(acknowledged, everForced), Mix.of(everTold, damaged), Mix.of(forGood, sent.hashCode()));
    }
}
