package ansim.hub.model;

import java.util.List;

/**
 * A receipt on its way to the unit.
 *
 * @param generation of the hub that signed it
 * @param named what it names
 */
record Answer(int generation, List<Named> named) {
    /** The hub holds message {@code n} with these bytes and, in that chain, all before it. */
    record Named(int lane, int chain, int n, int bytes) {
        static Named of(Message message) {
            return new Named(message.lane(), message.chain(), message.n(), message.bytes());
        }
    }

    long mix() {
        return Mix.of(generation, named.hashCode());
    }
}
