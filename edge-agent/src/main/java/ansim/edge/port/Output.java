package ansim.edge.port;

import java.io.IOException;

/** What drives an {@link OutputLine}. An IOException means that it could not: it is then closed and opened anew. */
interface Output extends AutoCloseable {
    /** Sets the electrical level; {@code timesOn} is how often the line has been switched on. */
    void set(boolean high, long timesOn) throws IOException;

    /** Does nothing while it can be set; an IOException when what drives it has gone. */
    default void check() throws IOException {}

    /** How often it had been switched on when it was opened. */
    default long timesOn() {
        return 0;
    }

    @Override
    void close();
}
