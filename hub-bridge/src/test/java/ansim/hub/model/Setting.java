package ansim.hub.model;

/**
 * How large a world is and what may happen in it.
 *
 * @param name for the table
 * @param lanes lanes 1 to this
 * @param made messages that people make, at most 36
 * @param window sent and not receipted per chain
 * @param capacity messages under way, each way
 * @param inOrder the link keeps the order and loses only with the connection: one MQTT connection
 * @param crashes of unit and hub together
 * @param hubRestores at most
 * @param cardRestores at most
 * @param evictions at most
 * @param linkFaults lost and repeated messages at most
 * @param broken which rule is broken
 */
record Setting(
        String name,
        int lanes,
        int made,
        int window,
        int capacity,
        boolean inOrder,
        int crashes,
        int hubRestores,
        int cardRestores,
        int evictions,
        int linkFaults,
        Broken broken) {
    Setting {
        check("lanes", lanes, 1, 3);
        check("made", made, 1, 36);
        check("window", window, 1, 8);
        check("capacity", capacity, 1, 16);
    }

    private static void check(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be in [" + least + ".." + most + "] (got " + value + ")");
        }
    }

    Setting breaking(Broken rule) {
        return new Setting(
                name,
                lanes,
                made,
                window,
                capacity,
                inOrder,
                crashes,
                hubRestores,
                cardRestores,
                evictions,
                linkFaults,
                rule);
    }
}
