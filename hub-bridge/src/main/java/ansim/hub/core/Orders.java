package ansim.hub.core;

import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.OtherVerb;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The commands that units have not acknowledged, oldest first, and the numbers that were given.
 *
 * <p>A command leaves by its acknowledgement, by that of a later one (a unit does not do what is older than the last that it did), or when
 * its time has passed and the unit's next entry comes. A unit's numbers only rise; after a restore from a backup they go on
 * {@value #RESTORED} higher, so that no answer to a command that the log has forgotten is taken for that of another. Changed only by
 * {@link HubState#apply}.
 */
final class Orders {
    /** Commands of a unit that are not acknowledged; one more is refused. CONTRACT, COMMANDS. */
    static final int COMMANDS = 8;

    /** Requests remembered, of all units: whoever asks again after a crash asks for fewer. */
    static final int REQUESTS = 64;

    /** More than a unit can have been given since the backup that was restored. */
    static final long RESTORED = 65_536;

    /** Units that an encoding may have. */
    private static final int MAX_UNITS = 2_000_000;

    /** What one unit was ordered. */
    private static final class Queue {
        long last;
        final ArrayDeque<Order> waiting = new ArrayDeque<>(1);
    }

    /** A request that was logged, and the number that it got. */
    private record Known(Id8 request, long number) {}

    private final Map<Id16, Queue> queues = new HashMap<>();
    private final ArrayDeque<Known> known = new ArrayDeque<>();
    /** Numbers are above it. */
    private long floor;

    /** The number that a request has got already. */
    OptionalLong numberOf(Id8 request) {
        return known.stream()
                .filter(each -> each.request().equals(request))
                .mapToLong(Known::number)
                .findFirst();
    }

    /** The order with the next number of its unit. */
    Order numbered(Order order) {
        Queue queue = queues.get(order.unit());
        return order.as(Math.max(floor, queue == null ? 0 : queue.last) + 1);
    }

    /** Why an order cannot be taken now. */
    Optional<String> refusal(Order order, long nowMs) {
        if (order.isOver(nowMs)) {
            return Optional.of("its time has passed already");
        }
        long waiting = waiting(order.unit()).stream()
                .filter(each -> !each.isOver(nowMs))
                .count();
        return waiting < COMMANDS
                ? Optional.empty()
                : Optional.of(COMMANDS + " commands wait for this unit's answer, no more are taken");
    }

    void add(Order order, long nowMs) {
        Queue queue = queues.computeIfAbsent(order.unit(), unit -> new Queue());
        if (order.number() <= Math.max(floor, queue.last)) {
            throw new IllegalStateException(
                    "command " + order.number() + " of a unit comes after " + Math.max(floor, queue.last));
        }
        queue.waiting.removeIf(each -> each.isOver(nowMs));
        if (queue.waiting.size() == COMMANDS) {
            // Only where an answer was erased with what it came with: the oldest was answered.
            queue.waiting.removeFirst();
        }
        queue.last = order.number();
        queue.waiting.addLast(order);
        if (known.size() == REQUESTS) {
            known.removeFirst();
        }
        known.addLast(new Known(order.request(), order.number()));
    }

    /** A unit has answered one of its commands. */
    void answered(Id16 unit, long number, long nowMs) {
        Queue queue = queues.get(unit);
        if (queue != null && number <= queue.last) {
            queue.waiting.removeIf(each -> each.number() <= number || each.isOver(nowMs));
        }
    }

    /** The log was restored: what it forgot may have been ordered, too. */
    void restored() {
        long highest =
                queues.values().stream().mapToLong(queue -> queue.last).max().orElse(0);
        floor = Math.max(floor, highest) + RESTORED;
    }

    /** What a unit has not acknowledged, oldest first; some of it may be over. */
    List<Order> waiting(Id16 unit) {
        Queue queue = queues.get(unit);
        return queue == null ? List.of() : List.copyOf(queue.waiting);
    }

    /** Units that have not acknowledged something. */
    Set<Id16> units() {
        return Set.copyOf(queues.entrySet().stream()
                .filter(each -> !each.getValue().waiting.isEmpty())
                .map(Map.Entry::getKey)
                .toList());
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(floor);
        out.writeInt(known.size());
        for (Known each : known) {
            out.writeLong(each.request().bits());
            out.writeLong(each.number());
        }
        List<Map.Entry<Id16, Queue>> sorted = new ArrayList<>(queues.entrySet());
        sorted.sort(Comparator.comparing(each -> each.getKey().hex()));
        out.writeInt(sorted.size());
        for (Map.Entry<Id16, Queue> each : sorted) {
            out.write(each.getKey().bytes());
            out.writeLong(each.getValue().last);
            out.writeInt(each.getValue().waiting.size());
            for (Order order : each.getValue().waiting) {
                write(out, order);
            }
        }
    }

    private static void write(DataOutput out, Order order) throws IOException {
        out.writeLong(order.number());
        out.writeLong(order.request().bits());
        out.writeByte(order.verb().number());
        byte[] body = order.verb().body().toByteArray();
        out.writeInt(body.length);
        out.write(body);
        out.writeLong(order.expS());
        out.writeUTF(order.by());
    }

    static Orders read(DataInput in) throws IOException {
        Orders orders = new Orders();
        orders.floor = in.readLong();
        for (int left = Encoding.count(in, "requests of commands", REQUESTS); left > 0; left--) {
            orders.known.addLast(new Known(new Id8(in.readLong()), in.readLong()));
        }
        for (int left = Encoding.count(in, "units with commands", MAX_UNITS); left > 0; left--) {
            Id16 unit = new Id16(in.readLong(), in.readLong());
            Queue queue = new Queue();
            queue.last = in.readLong();
            for (int waiting = Encoding.count(in, "commands of a unit", COMMANDS); waiting > 0; waiting--) {
                queue.waiting.addLast(readOrder(in, unit));
            }
            orders.queues.put(unit, queue);
        }
        return orders;
    }

    private static Order readOrder(DataInput in, Id16 unit) throws IOException {
        long number = in.readLong();
        Id8 request = new Id8(in.readLong());
        int verb = in.readUnsignedByte();
        byte[] body = new byte[Encoding.count(in, "bytes of a command", Order.MAX_BODY_BYTES)];
        in.readFully(body);
        return new Order(unit, number, request, new OtherVerb(verb, Bytes.of(body)), in.readLong(), in.readUTF());
    }
}
