package ansim.hub.core;

import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All that the hub keeps in memory of one unit. Everything in it has a limit. Changed only by {@link HubState#apply}. */
final class UnitState {
    /** Chains that a unit may begin in a day before it is a tamper. */
    static final int NEW_CHAINS = 8;

    /** Boots whose clocks are remembered; the one not heard for longest goes first. */
    static final int BOOTS_KEPT = 4;

    /** Rides remembered, open and closed; closed ones go first, then those of which nothing is told, then the one idle for longest. */
    static final int RIDES_KEPT = 6;

    /** Alarms open at once; the oldest is taken as closed beyond that. */
    static final int ALARMS_KEPT = 8;

    /** Rides from which the city's app called for help, newest last; the oldest is as any other ride beyond that. */
    static final int CALLS_KEPT = 8;

    /** Events without a date of their own that an anchor may still date; beyond that the oldest stays as it is. */
    static final int UNDATED_KEPT = 64;

    /**
     * Chains remembered of each of the lanes 1 to 3; a unit holds 16 at most. Beyond that the one idle for longest is forgotten, and a chain of that lane
     * that the hub does not know may begin with any number.
     */
    static final int CHAINS_KEPT = 128;

    /** Chains of lane 4 remembered: only the highest counts, the others keep repeats out. */
    static final int STATUS_CHAINS = 4;

    /** So long after a ride its rider may still be getting out. */
    static final long GETTING_OUT_MS = 120_000;

    /** Chains of a lane that a receipt can name. */
    private static final int CHAINS_IN_RECEIPT = 4;

    private static final long DAY_MS = 86_400_000;

    private record ChainKey(Lane lane, Id8 id) {
        @Override
        public boolean equals(Object other) {
            return other instanceof ChainKey that && lane == that.lane && id.bits() == that.id.bits();
        }

        @Override
        public int hashCode() {
            return 31 * lane.number() + id.hashCode();
        }
    }

    /** An alarm that is open, and the districts that were told. */
    record OpenAlarm(Id8 id, List<String> districts, Optional<Id8> ride) {}

    /** An event with no good date, and who got it: nobody, if it was withheld. */
    record Undated(
            String id, Id8 boot, long monoMs, When when, List<String> districts, boolean alarm, Optional<Id8> ride) {}

    /** Whether somebody called for help in a ride: what belongs to it is for the centres then, whoever rides. */
    boolean isAlarmedIn(Id8 ride) {
        if (calledFrom.contains(ride)) {
            return true;
        }
        for (OpenAlarm alarm : alarms) {
            if (alarm.ride().isPresent() && alarm.ride().get().equals(ride)) {
                return true;
            }
        }
        return false;
    }

    /** Somebody called for help in a ride by the city's app. Apart from the unit's own alarms, which nothing but the unit may end or displace. */
    void callFrom(Id8 ride) {
        if (!calledFrom.contains(ride)) {
            if (calledFrom.size() == CALLS_KEPT) {
                calledFrom.remove(0);
            }
            calledFrom.add(ride);
        }
    }

    UnitRecord registered;
    /** Of the lanes 1 to 3. */
    private final Map<ChainKey, Chain> chains = new HashMap<>(8);
    /** Of lane 4. */
    private final List<Chain> status = new ArrayList<>(1);
    /** The lanes of which a chain was forgotten, as bits. */
    int forgotten;

    final List<Boot> boots = new ArrayList<>(1);
    final List<Ride> rides = new ArrayList<>(0);
    final PastRides pastRides = new PastRides();
    final List<OpenAlarm> alarms = new ArrayList<>(0);
    final List<Id8> calledFrom = new ArrayList<>(0);
    final List<Undated> undated = new ArrayList<>(0);
    /** The unit's newest known position. */
    final Held lastKnown = new Held();

    /** The ride that it is of. */
    @Nullable
    Id8 lastKnownRide;

    /** When that was heard of, ms since 1970 UTC: whatever it says of its date, it was not later. */
    long lastKnownHeardMs;

    /** When anything last came of it. */
    long heardMs;

    NumbersAlarm numbersAlarm = new NumbersAlarm();
    long newChainsDay;
    int newChains;

    /** The newest {@link StateCopy} that has it, or that it is none of. */
    int copied;

    UnitState(UnitRecord registered) {
        this.registered = registered;
    }

    @Nullable
    Chain chain(Lane lane, Id8 id) {
        if (lane != Lane.STATUS) {
            return chains.get(new ChainKey(lane, id));
        }
        for (Chain chain : status) {
            if (chain.id.bits() == id.bits()) {
                return chain;
            }
        }
        return null;
    }

    /** Whether a chain of that lane that is not known here may be one that was. */
    boolean hasForgotten(Lane lane) {
        return (forgotten & bit(lane)) != 0;
    }

    private static int bit(Lane lane) {
        return 1 << lane.number();
    }

    /** Whether one more new chain today is more than there should be. */
    boolean manyNewChains(long arrivedMs) {
        return newChainsDay == Math.floorDiv(arrivedMs, DAY_MS) && newChains >= NEW_CHAINS;
    }

    /** @param index of the entry that is of it or names it */
    Chain chainOrNew(long index, Lane lane, Id8 id, long arrivedMs) {
        Chain chain = chain(lane, id);
        if (chain != null) {
            chain.touch(index);
            return chain;
        }
        Chain made = new Chain(lane, id);
        made.touch(index);
        if (lane == Lane.STATUS) {
            put(made);
            forgetStatusChains(made);
        } else {
            forgetChains(lane);
            put(made);
            long day = Math.floorDiv(arrivedMs, DAY_MS);
            newChains = day == newChainsDay ? newChains + 1 : 1;
            newChainsDay = day;
        }
        return made;
    }

    /** A chain that is not known yet. */
    void put(Chain chain) {
        if (chain.lane == Lane.STATUS) {
            status.add(chain);
        } else {
            chains.put(new ChainKey(chain.lane, chain.id), chain);
        }
    }

    /** Makes room for one more. */
    private void forgetChains(Lane lane) {
        int known = 0;
        Chain idle = null;
        for (Chain each : chains.values()) {
            if (each.lane == lane) {
                known++;
                idle = idle == null || each.isIdlerThan(idle) ? each : idle;
            }
        }
        if (idle != null && known >= CHAINS_KEPT) {
            chains.remove(new ChainKey(lane, idle.id));
            forgotten |= bit(lane);
        }
    }

    private void forgetStatusChains(Chain made) {
        if (status.size() > STATUS_CHAINS) {
            Chain highest = status.stream().max(BY_COUNTER).orElseThrow();
            status.stream()
                    .filter(each -> each != highest && each != made)
                    .min(Comparator.comparingLong(Chain::newestIndex))
                    .ifPresent(status::remove);
        }
    }

    private static final Comparator<Chain> BY_COUNTER = (a, b) -> Long.compareUnsigned(a.id.bits(), b.id.bits());

    /** Whether a start counter of lane 4 is lower than the highest heard. */
    boolean staleCounter(Id8 counter) {
        for (Chain chain : status) {
            if (Long.compareUnsigned(chain.id.bits(), counter.bits()) > 0) {
                return true;
            }
        }
        return false;
    }

    /** A memory-only chain of an earlier boot that never ended. */
    boolean lossPossible(Id8 newBoot) {
        return chains().anyMatch(each -> lost(each, newBoot));
    }

    void lossTold(Id8 newBoot) {
        chains().filter(each -> lost(each, newBoot)).forEach(each -> each.memoryBoot = 0);
    }

    /** All that it is known to have written. */
    Stream<Chain> chains() {
        return Stream.concat(chains.values().stream(), status.stream());
    }

    private static boolean lost(Chain chain, Id8 newBoot) {
        return chain.memoryBoot != 0 && chain.memoryBoot != newBoot.bits();
    }

    Map<Lane, List<Receipted>> receipt() {
        Map<Lane, List<Chain>> newest = new EnumMap<>(Lane.class);
        for (Chain chain : chains.values()) {
            insert(newest, chain, BY_USE, CHAINS_IN_RECEIPT);
        }
        for (Chain chain : status) {
            insert(newest, chain, BY_COUNTER, 1);
        }
        Map<Lane, List<Receipted>> receipt = new EnumMap<>(Lane.class);
        newest.forEach((lane, chains) -> receipt.put(lane, receipted(chains)));
        return receipt;
    }

    /** Into its place among few, the highest first. */
    private static void insert(Map<Lane, List<Chain>> newest, Chain chain, Comparator<Chain> by, int most) {
        if (!chain.started()) {
            return;
        }
        List<Chain> known = newest.computeIfAbsent(chain.lane, lane -> new ArrayList<>(2));
        int at = known.size();
        while (at > 0 && by.compare(chain, known.get(at - 1)) > 0) {
            at--;
        }
        known.add(at, chain);
        if (known.size() > most) {
            known.remove(most);
        }
    }

    private static List<Receipted> receipted(List<Chain> chains) {
        Receipted[] receipted = new Receipted[chains.size()];
        Arrays.setAll(receipted, at -> chains.get(at).receipted());
        return List.of(receipted);
    }

    private static final Comparator<Chain> BY_USE = Comparator.comparingLong(Chain::newestIndex);

    @Nullable
    Boot boot(Id8 id) {
        for (Boot boot : boots) {
            if (boot.id.equals(id)) {
                return boot;
            }
        }
        return null;
    }

    /** The newest is last. */
    Boot hearBoot(Id8 id) {
        Boot boot = boot(id);
        if (boot != null && boots.indexOf(boot) == boots.size() - 1) {
            return boot;
        }
        if (boot == null) {
            boot = new Boot(id);
            if (boots.size() == BOOTS_KEPT) {
                boots.remove(0);
            }
        } else {
            boots.remove(boot);
        }
        boots.add(boot);
        return boot;
    }

    Optional<Ride> ride(Id8 id) {
        for (Ride ride : rides) {
            if (ride.id.equals(id)) {
                return Optional.of(ride);
            }
        }
        return Optional.empty();
    }

    /** Whether a boarding of that ride came before. */
    boolean hasBoarded(Id8 id) {
        return ride(id).map(ride -> ride.boarded != null).orElseGet(() -> pastRides.contains(id));
    }

    Ride rideOrNew(Id8 id, long index, long arrivedMs) {
        Ride ride = ride(id).orElseGet(() -> {
            forgetRides();
            Ride made = recalled(id);
            made.heardMs = pastRides.contains(id) ? Ride.LONG_AGO : arrivedMs;
            rides.add(made);
            return made;
        });
        ride.touched = index;
        return ride;
    }

    /** A ride that is not in memory, as far as it is known. */
    private Ride recalled(Id8 id) {
        Ride ride = new Ride(id);
        ride.recall(pastRides.find(id));
        return ride;
    }

    /** The ride, in memory or by what is left of it; the state is not changed. */
    Ride rideOrPast(Id8 id) {
        return ride(id).orElseGet(() -> recalled(id));
    }

    /** The ride that a moment is in, or whose rider may just be getting out: of those in memory the one that began last before it. */
    Optional<Id8> rideAt(Mark mark) {
        Ride newest = null;
        Mark begun = null;
        for (Ride ride : rides) {
            Mark boarded = ride.boarded;
            if (boarded != null && !mark.isBefore(boarded) && (begun == null || begun.isBefore(boarded))) {
                newest = ride;
                begun = boarded;
            }
        }
        Mark alighted = newest == null ? null : newest.alighted;
        boolean over = alighted != null && alighted.later(GETTING_OUT_MS).isBefore(mark);
        return newest == null || over ? Optional.empty() : Optional.of(newest.id);
    }

    /** The vault knows who rides: of a ride that is forgotten it says whose its late tracks are. */
    void name(Id8 id, List<NamedRider> riders) {
        ride(id).ifPresent(ride -> ride.name(riders));
        pastRides.name(id, riders.get(0).home());
    }

    private void forgetRides() {
        if (rides.size() < RIDES_KEPT) {
            return;
        }
        Ride idle = rides.stream()
                .min(Comparator.comparing((Ride ride) -> !ride.closed())
                        .thenComparing(ride -> ride.told != 0)
                        .thenComparingLong(ride -> ride.touched))
                .orElseThrow();
        rides.remove(idle);
        if (idle.boarded != null) {
            pastRides.add(idle);
        }
    }

    List<Ride> rides() {
        return rides;
    }

    Optional<OpenAlarm> alarm(Id8 id) {
        return alarms.stream().filter(each -> each.id().equals(id)).findFirst();
    }

    /** @param ride the ride that the mark is of, if any */
    void know(Mark mark, Optional<Id8> ride, long arrivedMs) {
        if (mark.at() != null && isNewest(mark, arrivedMs)) {
            lastKnown.set(mark);
            lastKnownHeardMs = arrivedMs;
            Id8 of = ride.isPresent() ? known(ride.get()) : null;
            if (!Objects.equals(lastKnownRide, of)) {
                lastKnownRide = of;
            }
        }
    }

    /** By the boot's own clock within a boot. Across boots by date, but none is later than it arrived: a clock twenty years ahead must not have the last word. */
    private boolean isNewest(Mark mark, long arrivedMs) {
        return lastKnown.isOf(mark.boot())
                ? lastKnown.monoMs() < mark.monoMs()
                : !lastKnown.isSet()
                        || Math.min(lastKnown.ms(), lastKnownHeardMs)
                                < Math.min(mark.when().ms(), arrivedMs);
    }

    /** The same id, as the ride has it if that is known: for what is kept of every message. */
    private Id8 known(Id8 ride) {
        for (Ride each : rides) {
            if (each.id.equals(ride)) {
                return each.id;
            }
        }
        return ride;
    }

    Optional<Id8> lastKnownRide() {
        return Optional.ofNullable(lastKnownRide);
    }

    /** As if nothing of a ride had ever been told. */
    void forget(Id8 ride) {
        rides.removeIf(each -> each.id.equals(ride));
        pastRides.remove(ride);
        alarms.removeIf(each -> each.ride().equals(Optional.of(ride)));
        calledFrom.remove(ride);
        undated.removeIf(each -> each.ride().equals(Optional.of(ride)));
        if (ride.equals(lastKnownRide)) {
            lastKnown.clear();
            lastKnownHeardMs = 0;
            lastKnownRide = null;
        }
    }
}
