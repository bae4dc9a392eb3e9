package ansim.wire;

/** Messages in a form for people and scripts. */
public final class Describe {
    private Describe() {}

    /** A message from a unit as one JSON object on one line. */
    public static String json(UpMessage message) {
        return "{\"kid\":\"" + message.kid() + "\"}";
    }

    /** A message to a unit as one JSON object on one line. */
    public static String json(DownMessage message) {
        return "{\"kid\":\"" + message.kid() + "\"}";
    }
}
