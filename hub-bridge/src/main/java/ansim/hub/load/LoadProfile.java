package ansim.hub.load;

/** What the units do. */
public enum LoadProfile {
    /**
     * A city's hour: of 112 units 72 are taxis, each hired for ten minutes and free for ten, the rest are poles. Hired: a live position every
     * 10 s, a track of 30 fixes every 30 s. Free: presence every 60 s. Poles: health every 60 s. Of 112,000 units 6,200 messages/s.
     */
    SEOUL,
    /** Tracks of 30 fixes as fast as they are receipted. */
    TRACKS,
    /** Single live positions as fast as they are taken. */
    FIXES,
    /** Everybody comes back at once after an outage and brings what was kept: tracks, boardings, alightings; alarms meanwhile. */
    STORM
}
