package ansim.wire;

/**
 * Kind 8: what became of a command (lane 2).
 *
 * @param command the command's number, key 54, not negative
 * @param outcome key 55
 */
public record CommandAck(long command, Outcome outcome) implements Body {
    /** What became of it. */
    public enum Outcome implements Coded {
        DONE(0),
        REFUSED(1),
        EXPIRED(2),
        /** The unit does not know this verb. */
        UNKNOWN(3),
        FAILED(4),
        DEFERRED(5);

        private final int code;

        Outcome(int code) {
            this.code = code;
        }

        /** The number on the wire, 0 to 5. */
        @Override
        public int code() {
            return code;
        }
    }

    public CommandAck {
        Range.uint("command", command);
    }

    @Override
    public Kind kind() {
        return Kind.COMMAND_ACK;
    }

    static CommandAck read(Fields in) throws WireException {
        return new CommandAck(in.integer(54, 0, Long.MAX_VALUE), in.coded(55, Outcome.values()));
    }

    MapOut fields() {
        return new MapOut().put(54, command).put(55, outcome.code());
    }
}
