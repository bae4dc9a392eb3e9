package ansim.hub.load;

import ansim.wire.Lane;

/** A way to the hub. Any thread. */
interface Link extends AutoCloseable {
    /** Hears what comes back, on a thread of the link's. */
    interface Hears {
        /**
         * A PUBACK or response: it says nothing but that there is room again.
         *
         * @param unit its number
         */
        void answered(int unit);

        /** What the hub has to say to a unit, as it came. */
        void told(int unit, byte[] signed);

        /** The way of a unit was lost; what was on it is not answered. */
        void lost(int unit);
    }

    /** Whether there is room for one more of a unit. */
    boolean hasRoom(int unit, Lane lane);

    /** Sends; only where there is room. */
    void send(int unit, Lane lane, byte[] signed);

    /** How the messages go, for the result. */
    String words();

    @Override
    void close();
}
