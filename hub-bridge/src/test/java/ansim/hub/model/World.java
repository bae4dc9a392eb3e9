package ansim.hub.model;

import ansim.hub.model.Action.Rule;
import ansim.hub.model.Message.Told;
import ansim.hub.model.ModelHub.Disposition;
import java.util.ArrayList;
import java.util.List;

/**
 * One unit, one hub, the link between them, and what was promised to people.
 *
 * <p>{@link #apply} changes it by one action and throws a {@link Violation} as soon as a promise is broken. Copies are independent. One
 * thread.
 */
final class World {
    /** Numbers that evictions may still take for their gap records; the rest is for what recovery has to tell. */
    private static final int BYTES_FOR_EVICTION = 48;

    final Setting setting;
    private final ModelUnit.Numbers numbers;
    final ModelUnit unit;
    final ModelHub hub;
    final List<Message> up = new ArrayList<>(4);
    final List<Answer> down = new ArrayList<>(4);
    final Promises promises;
    private final RealHub real;
    private boolean greet;
    private int generations = 1;
    private int made;
    int crashes;
    private int hubRestores;
    private int cardRestores;
    private int evictions;
    private int linkFaults;

    World(Setting setting, RealHub real) {
        this.setting = setting;
        this.real = real;
        numbers = new ModelUnit.Numbers();
        unit = new ModelUnit(setting, numbers);
        hub = new ModelHub(setting.broken());
        promises = new Promises();
        real.begin();
    }

    private World(World from) {
        setting = from.setting;
        real = RealHub.NONE;
        numbers = from.numbers.copy();
        unit = from.unit.copy(numbers);
        hub = from.hub.copy();
        up.addAll(from.up);
        down.addAll(from.down);
        promises = from.promises.copy();
        greet = from.greet;
        generations = from.generations;
        made = from.made;
        crashes = from.crashes;
        hubRestores = from.hubRestores;
        cardRestores = from.cardRestores;
        evictions = from.evictions;
        linkFaults = from.linkFaults;
    }

    World copy() {
        return new World(this);
    }

    /** Everything that can happen now. */
    List<Action> enabled() {
        List<Action> found = new ArrayList<>(24);
        for (Rule rule : Rule.values()) {
            int to = limit(rule);
            for (int at = 0; at < to; at++) {
                if (enabled(rule, at)) {
                    found.add(new Action(rule, at));
                }
            }
        }
        return found;
    }

    /** Places that a rule may name, not all of them possible. */
    int limit(Rule rule) {
        return switch (rule) {
            case APPEND, FORCE, GIVE_UP, DROP_OLDEST, CRASH_DAMAGED -> setting.lanes() + 1;
            case SEND -> numbers.chains;
            case LOSE -> setting.inOrder() ? Math.min(1, up.size()) : up.size();
            case ARRIVE -> setting.inOrder() ? Math.min(1, up.size()) : up.size();
            case DUPLICATE -> setting.inOrder() ? 0 : up.size();
            case LOSE_RECEIPT, REPEAT_RECEIPT, TAKE_RECEIPT -> down.size();
            case HUB_RESTORED -> hub.forced;
            default -> 1;
        };
    }

    boolean enabled(Rule rule, int at) {
        boolean lane = at >= 1 && at <= setting.lanes();
        return switch (rule) {
            case APPEND -> lane && made < setting.made();
            case FORCE -> lane && unit.unforced(at);
            case SEND -> up.size() < setting.capacity() && unit.chain(at) != null && unit.maySend(unit.chain(at));
            case RECONNECT -> mayReconnect();
            case LOSE, DUPLICATE -> mayFail(rule, at);
            case ARRIVE -> at < up.size();
            case HUB_FORCE -> hub.forced < hub.log.size();
            case RECEIPT -> hub.mayAnswer() && down.size() + 1 < setting.capacity();
            case LOSE_RECEIPT -> at < down.size() && linkFaults < setting.linkFaults();
            case REPEAT_RECEIPT ->
                at < down.size() && linkFaults < setting.linkFaults() && down.size() < setting.capacity();
            case TAKE_RECEIPT -> at < down.size();
            case GIVE_UP ->
                lane
                        && evictions < setting.evictions()
                        && numbers.bytes < BYTES_FOR_EVICTION
                        && unit.evictable(at) != null;
            case DROP_OLDEST -> lane && unit.droppable(at) != null;
            case CRASH, CRASH_TORN -> crashes < setting.crashes();
            case CRASH_DAMAGED -> lane && crashes < setting.crashes() && unit.newest(at) != null;
            case IMAGE -> cardRestores < setting.cardRestores() && unit.image == null;
            case CARD_RESTORED -> cardRestores < setting.cardRestores() && unit.image != null;
            case HUB_CRASH -> crashes < setting.crashes() && hub.forced < hub.log.size();
            case HUB_RESTORED -> at < hub.forced && hubRestores < setting.hubRestores();
        };
    }

    private boolean mayFail(Rule rule, int at) {
        return at < up.size()
                && linkFaults < setting.linkFaults()
                && (rule == Rule.LOSE || up.size() < setting.capacity());
    }

    private boolean mayReconnect() {
        if (!greet && !hub.due) {
            return true;
        }
        for (int chain = 0; chain < numbers.chains; chain++) {
            UnitChain known = unit.chain(chain);
            if (known != null && known.sentN > 0) {
                return true;
            }
        }
        return false;
    }

    int chains() {
        return numbers.chains;
    }

    /** Does it, and checks every promise. */
    void apply(Action action) {
        int at = action.at();
        switch (action.rule()) {
            case APPEND -> {
                made++;
                unit.append(at, Told.NOTHING);
            }
            case FORCE -> force(at);
            case SEND -> send(unit.chain(at));
            case RECONNECT -> reconnect();
            case LOSE, DUPLICATE, LOSE_RECEIPT, REPEAT_RECEIPT -> failLink(action.rule(), at);
            case ARRIVE -> arrive(up.remove(at));
            case HUB_FORCE -> {
                hub.forced = hub.log.size();
                promises.committed(hub);
            }
            case RECEIPT -> answer();
            case TAKE_RECEIPT -> unit.receipt(down.remove(at));
            case GIVE_UP -> {
                evictions++;
                removed(unit.giveUpOldest(at));
            }
            case DROP_OLDEST -> removed(unit.dropOldest(at));
            default -> disaster(action.rule(), at);
        }
        promises.check(this);
    }

    private void force(int lane) {
        unit.force(lane);
        promises.acknowledge(unit.disk[lane]);
    }

    private void send(UnitChain chain) {
        Message message = unit.next(chain);
        if (message != null) {
            promises.sent(message, cardRestores > 0);
            up.add(message);
            unit.puback(chain, message);
        }
    }

    private void reconnect() {
        unit.reconnect();
        greet = true;
        hub.due = true;
    }

    private void failLink(Rule rule, int at) {
        linkFaults++;
        switch (rule) {
            case LOSE -> {
                if (setting.inOrder()) {
                    up.clear();
                    unit.reconnect();
                } else {
                    up.remove(at);
                }
            }
            case DUPLICATE -> up.add(up.get(at));
            case LOSE_RECEIPT -> down.remove(at);
            default -> down.add(down.get(at));
        }
    }

    private void arrive(Message message) {
        ModelHub.Decided decided = hub.arrive(message);
        if (decided.disposition() != Disposition.HOLE && decided.disposition() != Disposition.DUPLICATE) {
            promises.written(hub, message, decided.disposition() == Disposition.FORK);
        }
        real.arrive(message, decided);
    }

    private void answer() {
        greet = false;
        List<Answer> answers = hub.answer();
        real.answers(answers.get(0));
        promises.answered(hub, answers);
        down.addAll(answers);
    }

    private void removed(Message message) {
        if (message != null) {
            promises.removed(this, message);
        }
    }

    private void disaster(Rule rule, int at) {
        switch (rule) {
            case CRASH, CRASH_TORN -> {
                crashes++;
                unit.crash(rule == Rule.CRASH_TORN);
            }
            case CRASH_DAMAGED -> {
                crashes++;
                promises.damaged(unit.crashDamaged(at));
            }
            case IMAGE -> unit.takeImage();
            case CARD_RESTORED -> {
                cardRestores++;
                unit.cardRestored();
                unit.image = null;
                promises.gone(this);
            }
            case HUB_CRASH -> {
                crashes++;
                hub.crash();
                real.cut(hub.log.size());
            }
            default -> {
                hubRestores++;
                hub.restored(at, ++generations);
                real.cut(at);
                real.found(generations);
                if (cardRestores > 0) {
                    promises.gone(this);
                }
            }
        }
    }

    /** Equal for worlds that behave alike; the order of what is under way counts only where the link keeps it. */
    long key() {
        long mixed = Mix.of(unit.mix(), hub.mix());
        long under = 0;
        for (Message each : up) {
            under = setting.inOrder() ? Mix.of(under, each.mix()) : under + Mix.of(17, each.mix());
        }
        long back = 0;
        for (Answer each : down) {
            back += Mix.of(19, each.mix());
        }
        mixed = Mix.of(Mix.of(mixed, under, back), promises.mix());
        mixed = Mix.of(mixed, generations * 64L + made, numbers.bytes * 64L + numbers.chains);
        long faults = ((crashes * 8L + hubRestores) * 8 + cardRestores) * 64 + evictions;
        return Mix.of(mixed, faults * 256 + linkFaults, greet ? 1 : 0);
    }
}
