package ansim.hub.core;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What else is to be known of a logged message. The number of each is its bit in the log, 0 to 62. */
public enum Flag implements Numbered {
    /** {@code previous} is the hash of no stored message n - 1 of this chain. */
    CHAIN_BREAK(0),
    /** The numbers just before this one are missing and a gap record says so. */
    GAP_BEFORE(1),
    /** Came after later numbers of its chain: a gap record had named it. */
    BEHIND(2),
    /** Happened more than two minutes before it arrived. Sirens in the field stay quiet; the operator hears it all the same. */
    LATE(3),
    /** Lane 1, verifies, but breaks a rule: see {@link Output#reason}. */
    SUSPECT(4),
    /** Sealed while commissioning. */
    TEST(5),
    /** The unit's disk had failed: this chain is not on disk. */
    MEMORY_ONLY(6),
    /** Tamper 9: fork, break in a chain, or too many new chains in a day. */
    NUMBERS(7),
    /** First message of a boot while a memory-only chain of an earlier boot never ended. */
    POSSIBLE_LOSS(8),
    /** The first message of a chain. */
    NEW_CHAIN(9),
    /** Other bytes are stored under its number. */
    FORK(10),
    /** Of the ride of somebody who is not registered: it stays at the hub, no centre gets it. */
    WITHHELD(11),
    /** What happened outside every district, or nobody knows where. */
    OUTSIDE(12);

    private final int number;

    Flag(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }

    /** By the bits of what is in it. There are few, and every message has one. Two threads may each make the same: either will do. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static final @Nullable Set<Flag>[] SHARED = new Set[1 << values().length];

    /** The same, not to be changed. */
    static Set<Flag> shared(Set<Flag> flags) {
        int bits = 0;
        for (Flag flag : flags) {
            bits |= 1 << flag.number;
        }
        Set<Flag> known = SHARED[bits];
        if (known == null) {
            EnumSet<Flag> copy = EnumSet.noneOf(Flag.class);
            copy.addAll(flags);
            known = Collections.unmodifiableSet(copy);
            SHARED[bits] = known;
        }
        return known;
    }

    /** The name in events, lower case with dashes. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
