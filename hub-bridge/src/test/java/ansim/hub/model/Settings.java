package ansim.hub.model;

import java.util.List;

/** The worlds that are explored. */
final class Settings {
    // name, lanes, made, window, capacity, in order, crashes, hub restores, card restores, evictions, link faults

    /** Small enough to be explored to the end or deep, each with other faults. */
    static final List<Setting> TINY = List.of(
            tiny("crashes", 1, 2, false, 2, 0, 0, 0, 1),
            tiny("hub restored", 1, 2, false, 1, 1, 0, 0, 0),
            tiny("card restored", 1, 2, true, 0, 0, 1, 0, 0),
            tiny("eviction", 2, 2, false, 1, 0, 0, 1, 0),
            tiny("two lanes", 2, 3, false, 1, 0, 0, 0, 1));

    /** For random schedules. */
    static final List<Setting> LARGE = List.of(
            new Setting("three lanes", 3, 24, 4, 6, false, 6, 0, 0, 6, 30, Broken.NONE),
            new Setting("hub restored", 3, 16, 4, 6, false, 3, 2, 0, 4, 20, Broken.NONE),
            new Setting("card restored", 2, 16, 4, 6, true, 3, 0, 2, 3, 10, Broken.NONE),
            new Setting("everything", 3, 14, 3, 5, true, 3, 1, 1, 3, 10, Broken.NONE));

    private Settings() {}

    private static Setting tiny(
            String name,
            int lanes,
            int made,
            boolean inOrder,
            int crashes,
            int hubRestores,
            int cardRestores,
            int evictions,
            int linkFaults) {
        return new Setting(
                name,
                lanes,
                made,
                2,
                3,
                inOrder,
                crashes,
                hubRestores,
                cardRestores,
                evictions,
                linkFaults,
                Broken.NONE);
    }
}
